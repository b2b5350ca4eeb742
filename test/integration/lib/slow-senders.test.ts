import { once } from 'node:events'
import { connect } from 'node:net'
import { setInterval as every } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { serveHttp } from '../../../lib/http-listen.ts'

test('whoever lets the bytes of a request trickle loses the connection; others are served meanwhile', async () => {
  await using server = await serveHttp(() => new Response('hello'), '127.0.0.1:0', 'api.listen')
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  await once(socket, 'connect')
  const startedAt = performance.now()
  const trickling = new AbortController()
  socket.once('close', () => trickling.abort())
  socket.on('error', () => {})
  socket.resume()
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n')
  let sent = 0
  try {
    for await (const _ of every(500, null, { signal: trickling.signal })) {
      socket.write(`x-${sent++}: y\r\n`)
      if (sent === 4) expect(await (await fetch(server.url)).text()).toBe('hello')
    }
  } catch (error) {
    if (!trickling.signal.aborted) throw error
  }
  expect(performance.now() - startedAt).toBeLessThan(20_000)
})
