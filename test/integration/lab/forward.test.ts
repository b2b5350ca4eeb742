import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Server, type ServerResponse, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Forward, forward } from '../../../lab/forward.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

const LARGE = 'x'.repeat(5_000_000)

let stack: AsyncDisposableStack
let streams: Set<ServerResponse>
let server: Server
let inner: Forward
let outer: Forward
let url = ''
let directory = ''

beforeEach(async () => {
  stack = new AsyncDisposableStack()
  streams = new Set()
  directory = await mkdtemp(join(tmpdir(), 'wardline-forward-'))
  stack.defer(() => rm(directory, { recursive: true }))
  server = createServer((request, response) => {
    if (request.url === '/large') return response.end(LARGE)
    if (request.url !== '/events') return response.end('hello')
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n')
    streams.add(response)
    return response.on('close', () => streams.delete(response))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  // As in the demo: a port of the host, a unix socket, a port in there.
  const socket = join(directory, 'door.sock')
  const port = (server.address() as AddressInfo).port
  inner = stack.use(await forward({ path: socket }, { host: '127.0.0.1', port }))
  const outerPort = await freePort()
  outer = stack.use(await forward({ host: '127.0.0.1', port: outerPort }, { path: socket }))
  url = `http://127.0.0.1:${outerPort}`
})
afterEach(() => stack.disposeAsync())

/** curl, whose output so far can be read, and which can be killed. */
function curl(path: string): { child: ChildProcess; output: () => string } {
  const child = spawn('curl', ['-sN', url + path])
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  return { child, output: () => output }
}

describe('two forwarders in a row', () => {
  test('hand requests and answers on', async () => {
    expect(await (await fetch(url)).text()).toBe('hello')
  })

  test('hand a large answer on in whole', async () => {
    expect(await (await fetch(`${url}/large`)).text()).toBe(LARGE)
  })

  test('hand an answer on in whole to a client that has ended its side', async () => {
    const { child, output } = curl('/large')
    await once(child, 'close')
    expect(output().length).toBe(LARGE.length)
  })

  test('hand server-sent events on as they come', async () => {
    const { child, output } = curl('/events')
    await waitFor(() => output().includes('data: first'))
    for (const stream of streams) stream.write('data: second\n\n')
    await waitFor(() => output().includes('data: second'))
    child.kill('SIGKILL')
  })

  test('tell the server that a client was killed', async () => {
    const { child, output } = curl('/events')
    await waitFor(() => output().includes('data: first'))
    expect(streams.size).toBe(1)
    child.kill('SIGKILL')
    await waitFor(() => streams.size === 0 && inner.open === 0 && outer.open === 0)
  })

  test('tell the client that the server went away', async () => {
    const { child, output } = curl('/events')
    await waitFor(() => output().includes('data: first'))
    server.closeAllConnections()
    const [code] = (await once(child, 'close')) as [number]
    expect(code).not.toBe(0)
  })

  test('end connections to a server that is not there, and work once it is', async () => {
    const port = await freePort()
    const path = join(directory, 'later.sock')
    await using _ = await forward({ path }, { host: '127.0.0.1', port })
    const ask = () =>
      new Promise<string>((resolve, reject) => {
        get({ socketPath: path, path: '/' }, (response) => {
          response.setEncoding('utf8').once('data', resolve)
        }).on('error', reject)
      })
    await expect(ask()).rejects.toThrow()
    const late = createServer((_request, response) => response.end('here now'))
    late.listen(port, '127.0.0.1')
    await once(late, 'listening')
    expect(await ask()).toBe('here now')
    late.closeAllConnections()
    late.close()
  })

  test('end what is open when they end', async () => {
    const { child, output } = curl('/events')
    await waitFor(() => output().includes('data: first'))
    const closed = once(child, 'close')
    await outer[Symbol.asyncDispose]()
    await closed
    await expect(fetch(url)).rejects.toThrow()
  })
})

test('a port that is taken is the listener’s error', async () => {
  const { port } = server.address() as AddressInfo
  await expect(forward({ host: '127.0.0.1', port }, { path: '/x' })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
})

test('a path that is too long for a socket is refused, not cut', async () => {
  const path = join(directory, 'x'.repeat(107))
  await expect(forward({ path }, { host: '127.0.0.1', port: 1 })).rejects.toThrow('longer than')
})
