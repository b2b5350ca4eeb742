import { once } from 'node:events'
import { type IncomingMessage, createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type AlertingProxy, createAlertingProxy } from '../../../api/proxy.ts'
import { Problem } from '../../../api/problem.ts'
import { serveHttp } from '../../../lib/http-listen.ts'
import { freePort } from '../../stores.ts'

type Received = { method: string; url: string; headers: IncomingMessage['headers']; body: string }

afterEach(async () => {
  for (const { close } of stands.splice(0)) await close()
})

type Stand = { received: Received[]; proxy: AlertingProxy; url: string; close(): Promise<void> }
const stands: Stand[] = []

/** A server in alerting's place that answers with `status`, `headers` and `body`. */
async function stand(
  answer: { status?: number; headers?: Record<string, string>; body?: string | Uint8Array } = {},
  path = '',
): Promise<Stand> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      received.push({ method, url, headers, body: Buffer.concat(parts).toString() })
      response.writeHead(answer.status ?? 200, answer.headers ?? {}).end(answer.body ?? '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`
  const proxy = createAlertingProxy(url)
  const made = {
    received,
    proxy,
    url,
    async close() {
      await proxy[Symbol.asyncDispose]()
      server.closeAllConnections()
      server.close()
    },
  }
  stands.push(made)
  return made
}

const of = (path: string, init?: RequestInit): Request =>
  new Request(`http://api.example${path}`, init)

test('a request is passed on with its method, path, query and body, and its answer comes back', async () => {
  const { proxy, received } = await stand({
    status: 201,
    headers: { 'content-type': 'application/json', 'x-own': 'a' },
    body: '{"silenceID":"1"}',
  })

  const answer = await proxy.forward(
    of('/alertmanager/api/v2/silences?x=a%20b', {
      method: 'POST',
      body: '{"a":1}',
      headers: { 'content-type': 'application/json' },
    }),
  )

  expect(received).toMatchObject([
    { method: 'POST', url: '/alertmanager/api/v2/silences?x=a%20b', body: '{"a":1}' },
  ])
  expect(received[0]?.headers['content-type']).toBe('application/json')
  expect(answer.status).toBe(201)
  expect(answer.headers.get('x-own')).toBe('a')
  expect(await answer.json()).toEqual({ silenceID: '1' })
})

test('what belongs to one connection is passed on in neither direction', async () => {
  const { proxy, received } = await stand({
    headers: { connection: 'x-secret-hop', 'x-secret-hop': 'a', 'keep-alive': 'timeout=1' },
  })
  const headers = {
    connection: 'x-hop, close',
    'x-hop': '1',
    te: 'trailers',
    upgrade: 'websocket',
    'proxy-authorization': 'Basic x',
    'x-end': 'stays',
  }

  const answer = await proxy.forward(of('/vmalert/api/v1/rules', { headers }))

  const got = received[0]?.headers ?? {}
  expect(got['x-end']).toBe('stays')
  for (const name of ['x-hop', 'te', 'upgrade', 'proxy-authorization'])
    expect(got[name], name).toBeUndefined()
  expect(answer.headers.get('x-secret-hop')).toBeNull()
  expect(answer.headers.get('keep-alive')).toBeNull()
})

test('a path below that of the configured address, and credentials from it', async () => {
  const { received, url } = await stand({}, '/behind')
  const withUser = createAlertingProxy(url.replace('//', '//me:secret@'))
  await using _end = withUser

  await withUser.forward(of('/vmalert/'))

  expect(received[0]?.url).toBe('/behind/vmalert/')
  expect(received[0]?.headers.authorization).toBe(
    `Basic ${Buffer.from('me:secret').toString('base64')}`,
  )
})

test('an answer without a body stays one, and nothing is followed', async () => {
  const { proxy } = await stand({ status: 204 })
  expect((await proxy.forward(of('/vmalert/'))).status).toBe(204)

  const redirecting = await stand({ status: 302, headers: { location: '/elsewhere' } })
  const answer = await redirecting.proxy.forward(of('/vmalert/'))
  expect(answer.status).toBe(302)
  expect(answer.headers.get('location')).toBe('/elsewhere')
})

test('an answer is asked for as it is: the API compresses it by itself', async () => {
  const { proxy, received } = await stand({ body: 'plain' })

  const answer = await proxy.forward(of('/vmalert/', { headers: { 'accept-encoding': 'gzip' } }))

  expect(received[0]?.headers['accept-encoding']).toBeUndefined()
  expect(await answer.text()).toBe('plain')
})

test('while alerting is away it is a 502 that says so, without its credentials', async () => {
  const address = `http://me:secret@127.0.0.1:${await freePort()}`
  const proxy = createAlertingProxy(address)
  await using _end = proxy

  const failed = await proxy.forward(of('/vmalert/')).catch((error: unknown) => error)

  expect(failed).toBeInstanceOf(Problem)
  expect(failed).toMatchObject({ status: 502, extra: { reason: 'unreachable' } })
  expect((failed as Problem).message).not.toContain('secret')
})

test('a body over a mebibyte is a 413, and nothing is passed on', async () => {
  const { proxy, received } = await stand()
  const body = 'x'.repeat(1_048_577)

  await expect(
    proxy.forward(of('/alertmanager/api/v2/silences', { method: 'POST', body })),
  ).rejects.toMatchObject({ status: 413 })
  expect(received).toEqual([])
})

test.each(['/alertmanager/../metrics', '/vmalert/%2e%2e/-/reload', '/vmalert/./../metrics'])(
  '%s, as no browser would send it, leads nowhere',
  async (path) => {
    const { proxy, received } = await stand()
    await using http = await serveHttp(
      (request) => proxy.forward(request).catch(({ status }) => new Response(null, { status })),
      '127.0.0.1:0',
      'api.listen',
    )
    const { hostname, port } = new URL(http.url)
    const sent = httpRequest({ hostname, port, path, agent: false }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.resume()
    expect(answer.statusCode).toBe(404)
    expect(received).toEqual([])
  },
)
