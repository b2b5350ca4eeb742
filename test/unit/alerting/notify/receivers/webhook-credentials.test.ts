import { expect, test } from 'vitest'
import { ownSecrets } from '../../../../../alerting/notify/receivers/authorization.ts'
import { hideSecrets } from '../../../../../alerting/notify/receivers/hide.ts'
import { NotifyError } from '../../../../../alerting/notify/notify-error.ts'
import { Secret } from '../../../../../lib/secret.ts'
import { startReceiver } from '../../../../integration/alerting/receiver.ts'
import { configOf, delivery, notificationOf, notifyBy } from './stand.ts'

const post = (url: string) => notifyBy({ webhook: { url } })(notificationOf(), delivery())

test('a user name and password in the URL are sent as a header', async () => {
  await using receiver = await startReceiver()
  await post(receiver.url.replace('http://', 'http://ann:p%40ss@'))
  await post(receiver.url)

  expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Basic ${Buffer.from('ann:p@ss').toString('base64')}`,
    undefined,
  ])
})

test('they are in no message of a failure', async () => {
  await using receiver = await startReceiver()
  receiver.behave(401)
  const failures = [
    receiver.url.replace('http://', 'http://ann:hunter2@'),
    'http://ann:hunter2@127.0.0.1:1/hook',
  ].map((url) => post(url).catch((error: unknown) => error))

  for (const error of await Promise.all(failures)) {
    expect(error).toBeInstanceOf(NotifyError)
    expect(String((error as Error).stack)).not.toMatch(/hunter2|ann/)
  }
})

test('nor where the receiver repeats what it was sent', async () => {
  const url = new Secret('http://ann:p%40ss@hooks.example/x')
  const hide = hideSecrets([url, ...ownSecrets(configOf({ webhook: BASIC }).webhook ?? NONE)])
  const sent = (pair: string): string => Buffer.from(pair).toString('base64')
  expect(hide(`got ${sent('ann:p@ss')} (p@ss)`)).toBe('got <secret> (<secret>)')
  expect(hide(`got ${sent('ben:hunter2')}`)).toBe('got <secret>')
})

const NONE = { bearer_token: undefined, basic: undefined, headers: {} }
const BASIC = { url: 'http://x', basic: { username: 'ben', password: 'hunter2' } }
