import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { NotifyError } from '../../../../alerting/notify/notify-error.ts'
import { webhookBody } from '../../../../alerting/notify/receivers/webhook.ts'
import {
  EXTERNALS,
  delivery,
  notificationOf,
  notifyBy,
  outage,
} from '../../../unit/alerting/notify/receivers/stand.ts'
import { freePort } from '../../../stores.ts'
import { startReceiver } from '../receiver.ts'

const NOTIFICATION = notificationOf([outage('სოფო')])

const post = (
  url: string,
  { timeout = '2s', signal = new AbortController().signal, ...given } = {} as {
    timeout?: string
    signal?: AbortSignal
    [setting: string]: unknown
  },
) => notifyBy({ webhook: { url, timeout, ...given } })(NOTIFICATION, delivery({ signal }))

const failure = async (sending: Promise<unknown>): Promise<unknown> =>
  sending.catch((error: unknown) => error)

describe('a notification on the wire', () => {
  test('is the body as it is, as JSON, with its idempotency key', async () => {
    await using receiver = await startReceiver()
    await post(receiver.url)
    const [request] = receiver.requests
    expect(JSON.parse(request?.body ?? '')).toEqual(
      JSON.parse(JSON.stringify(webhookBody(NOTIFICATION, 'ops', EXTERNALS))),
    )
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'wardline',
      'idempotency-key': 'key-1',
    })
  })

  test('is signed over timestamp and body, as its receiver can verify', async () => {
    await using receiver = await startReceiver()
    await post(receiver.url, { secret: 'p$ss "word"' })
    const [request] = receiver.requests
    const timestamp = String(request?.headers['x-wardline-timestamp'])
    const expected = createHmac('sha256', 'p$ss "word"')
      .update(`${timestamp}:${request?.body}`)
      .digest('hex')
    expect(request?.headers['x-wardline-signature']).toBe(expected)
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(10)
  })

  test('carries no signature without a secret', async () => {
    await using receiver = await startReceiver()
    await post(receiver.url)
    expect(Object.keys(receiver.requests[0]?.headers ?? {})).not.toContain('x-wardline-signature')
  })
})

describe('an answer', () => {
  test.each([200, 201, 202, 204])('%i is taken', async (status) => {
    await using receiver = await startReceiver()
    receiver.behave(status)
    await expect(post(receiver.url)).resolves.toBeUndefined()
  })

  test.each([
    [500, true],
    [502, true],
    [503, true],
    [429, true],
    [408, true],
    [400, false],
    [401, false],
    [404, false],
    [413, false],
    [301, false],
  ])('%i is an error, worth trying again: %s', async (status, retryable) => {
    await using receiver = await startReceiver()
    receiver.behave(status)
    const error = await failure(post(receiver.url))
    expect(error).toBeInstanceOf(NotifyError)
    expect(error).toMatchObject({ retryable, message: `answered ${status} not today` })
  })

  test('that does not come is an error worth trying again, after the timeout', async () => {
    await using receiver = await startReceiver()
    receiver.behave('hang')
    const error = await failure(post(receiver.url, { timeout: '100ms' }))
    expect(error).toMatchObject({ retryable: true, message: 'no answer within 100 ms' })
  })

  test('says nothing to the terminal that it is shown on', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(400).end('\u001b[2Jno\r\nsuch\u0000hook')
    })
    const error = await failure(post(server.url))
    expect((error as Error).message).toBe('answered 400  [2Jno such hook')
  })

  test('whose body does not end is no different', async () => {
    await using server = await serve((_, response) => {
      response.writeHead(200).write('half')
    })
    const error = await failure(post(server.url, { timeout: '100ms' }))
    expect(error).toMatchObject({ retryable: true, message: 'no answer within 100 ms' })
  })

  test('from nobody is an error worth trying again', async () => {
    const error = await failure(post(`http://127.0.0.1:${await freePort()}/`))
    expect(error).toMatchObject({ retryable: true })
    expect((error as Error).message).toContain('ECONNREFUSED')
  })

  test('that is cut off is an error worth trying again', async () => {
    await using server = await serve((request) => request.destroy())
    expect(await failure(post(server.url))).toMatchObject({ retryable: true })
  })

  test('is not waited for once alerting stops', async () => {
    await using receiver = await startReceiver()
    receiver.behave('hang')
    const stop = new AbortController()
    const sending = failure(post(receiver.url, { signal: stop.signal }))
    const reason = new Error('alerting stops')
    stop.abort(reason)
    expect(await sending).toBe(reason)
  })
})

async function serve(listener: RequestListener): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
