import { once } from 'node:events'
import { type RequestListener, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BUILT_IN_EGRESS } from '../../../lib/egress/egress.ts'
import { boundedFetch } from '../../../lib/egress/fetch.ts'

async function answered(listener: RequestListener): Promise<Response> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const ask = boundedFetch(BUILT_IN_EGRESS, 10_000)
    return await ask(`http://127.0.0.1:${port}/`, {
      method: 'GET',
      headers: {},
      redirect: 'manual',
      signal: AbortSignal.timeout(5_000),
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

test('an answer is unpacked, with the headers that are true of it', async () => {
  const answer = await answered((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' })
    response.end(gzipSync('{"a":1}'))
  })
  expect(await answer.json()).toEqual({ a: 1 })
  expect(answer.headers.get('content-encoding')).toBeNull()
  expect(answer.headers.get('content-type')).toBe('application/json')
})

test('an answer of a few bytes that unpack to many is refused', async () => {
  const packed = gzipSync(Buffer.alloc(5_000_000))
  expect(packed.length).toBeLessThan(10_000)
  const asked = answered((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' })
    response.end(packed)
  })
  await expect(asked).rejects.toThrow('expected at most 10000 bytes')
})

test('an answer without an end is refused', async () => {
  const asked = answered((request, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(5_000)), 1)
    request.socket.on('close', () => clearInterval(timer))
  })
  await expect(asked).rejects.toThrow('expected at most 10000 bytes')
})

test('it leads nowhere by itself', async () => {
  const answer = await answered((_, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/' })
    response.end()
  })
  expect(answer.status).toBe(302)
})
