import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import {
  delivery,
  notificationOf,
  notifyBy,
} from '../../../unit/alerting/notify/receivers/stand.ts'
import { selfSigned } from './certificate.ts'

const server = selfSigned('hooks.example')
const client = selfSigned('wardline')

/** Takes whoever shows the certificate of wardline, where it asks for one. */
async function startHttps({ asks = false } = {}): Promise<AsyncDisposable & { url: string }> {
  const options = { ...server, ca: client.cert, requestCert: asks, rejectUnauthorized: asks }
  const listening = createServer(options, (request, response) => {
    request.resume().on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return {
    url: `https://127.0.0.1:${(listening.address() as AddressInfo).port}/hook`,
    async [Symbol.asyncDispose]() {
      listening.closeAllConnections()
      listening.close()
      await once(listening, 'close')
    },
  }
}

const send = (url: string, tls?: object): Promise<unknown> =>
  notifyBy({ webhook: { url, ...(tls && { tls }) } })(notificationOf(), delivery())

const trusting = { ca: server.cert, server_name: 'hooks.example' }

test.each([
  ['is not trusted', undefined],
  ['is trusted, but for another name', { ca: server.cert, server_name: 'other.example' }],
])('a server whose certificate %s is told nothing', async (_, tls) => {
  await using https = await startHttps()
  await expect(send(https.url, tls)).rejects.toMatchObject({
    retryable: true,
    reason: 'unreachable',
    message: expect.stringMatching(/certificate|altnames/),
  })
})

test.each([
  ['trusted by ca under server_name', trusting],
  ['taken whatever it is with insecure_skip_verify', { insecure_skip_verify: true }],
])('a certificate is %s', async (_, tls) => {
  await using https = await startHttps()
  await expect(send(https.url, tls)).resolves.toBeUndefined()
})

test('a server that asks for a certificate is shown cert', async () => {
  await using https = await startHttps({ asks: true })
  await expect(send(https.url, trusting)).rejects.toMatchObject({ reason: 'unreachable' })
  await expect(send(https.url, { ...trusting, ...client })).resolves.toBeUndefined()
})
