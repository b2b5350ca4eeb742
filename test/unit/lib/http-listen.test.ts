import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ListenError, serveHttp, urlOf } from '../../../lib/http-listen.ts'

const hello = () => new Response('hello')

describe('an address to listen on', () => {
  test.each([
    ['127.0.0.1', 'http://127.0.0.1:5001'],
    ['::1', 'http://[::1]:5001'],
  ])('%s as a URL', (address, url) => {
    expect(urlOf({ address, family: '', port: 5001 })).toBe(url)
  })
})

describe('a server', () => {
  test('answers at its URL, on a free port when 0 is asked for', async () => {
    await using server = await serveHttp(hello, '127.0.0.1:0', 'api.listen')
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    expect(await (await fetch(server.url)).text()).toBe('hello')
  })

  test('on a port that is taken says which key to change', async () => {
    await using first = await serveHttp(hello, '127.0.0.1:0', 'api.listen')
    const port = new URL(first.url).port
    const error: unknown = await serveHttp(hello, `127.0.0.1:${port}`, 'collector.listen').catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(ListenError)
    expect((error as Error).message).toBe(
      `collector.listen: port ${port} is in use by another program; end that program, or set another address there`,
    )
  })

  test('on an address that is not this machine says so', async () => {
    await expect(serveHttp(hello, '192.0.2.1:5001', 'api.listen')).rejects.toThrow(
      new ListenError(
        'api.listen: 192.0.2.1 is no address of this machine; set one that is, such as 127.0.0.1:5001',
      ),
    )
  })

  test('ends with its connections, streams included, and frees its port', async () => {
    const endless = () =>
      new Response(
        new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode('event')) }),
      )
    const server = await serveHttp(endless, '127.0.0.1:0', 'api.listen')
    const { port } = new URL(server.url)
    const reader = (await fetch(server.url)).body?.getReader()
    await reader?.read()
    const idle = connect(Number(port), '127.0.0.1')
    await once(idle, 'connect')
    idle.on('error', () => {})
    await server[Symbol.asyncDispose]()
    await expect(reader?.read()).rejects.toThrow()
    await using again = await serveHttp(hello, `127.0.0.1:${port}`, 'api.listen')
    expect(await (await fetch(again.url)).text()).toBe('hello')
  })
})
