import { expect, test } from 'vitest'
import { takeCredentials } from '../../../lib/url-credentials.ts'

const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

test.each([
  ['http://10.0.0.1:8428', 'http://10.0.0.1:8428', undefined],
  ['http://vm/a?x=user@host', 'http://vm/a?x=user@host', undefined],
  ['http://ann:pw@vm:8428/p', 'http://vm:8428/p', basic('ann:pw')],
  ['https://ann@vm/', 'https://vm/', basic('ann:')],
  ['https://:token@vm/', 'https://vm/', basic(':token')],
  ['http://a%40b:p%3Aw%2F%E1%83%A5@vm/', 'http://vm/', basic('a@b:p:w/ქ')],
  ['http://ann:100%@vm/', 'http://vm/', basic('ann:100%')],
])('%s is asked for as %s', (text, url, authorization) => {
  expect(takeCredentials(text)).toEqual({ url, authorization })
})
