import { expect, test } from 'vitest'
import { NotifyError } from '../../../../../alerting/notify/notify-error.ts'
import { startReceiver } from '../../../../integration/alerting/receiver.ts'
import { delivery, notificationOf, notifyBy } from './stand.ts'

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
