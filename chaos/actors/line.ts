import { setTimeout as delay } from 'node:timers/promises'
import { type Server, type Socket, connect, createServer } from 'node:net'
import { once } from 'node:events'
import type { Endpoint } from '../../lab/forward.ts'

/** The way from one service to one store. Like lab/forward.ts, but what passes can be held up or left lying.
 * Packets that are lost on the way to it are partition.ts' affair. */
export type Line = AsyncDisposable & {
  readonly port: number
  /** The ports at the services' ends of the connections that are open now. */
  readonly clients: readonly number[]
  /** What is sent is taken and never arrives, in both directions, on old and on new connections. */
  cut(isCut: boolean): void
  /** Each piece arrives so much later. */
  slow(ms: number): void
}

export async function openLine(port: number, to: Endpoint): Promise<Line> {
  const sockets = new Set<Socket>()
  const clients = new Map<Socket, number>()
  let isCut = false
  let delayMs = 0
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ ...to, noDelay: true })
    clients.set(client, client.remotePort ?? 0)
    client.on('close', () => clients.delete(client))
    carry(client, upstream)
    carry(upstream, client)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
  })

  function carry(from: Socket, into: Socket): void {
    from.on('error', () => {}) // its close tells
    from.on('close', () => {
      if (!isCut) into.destroy()
    })
    let queue = Promise.resolve()
    let queueIsEmpty = true
    from.on('data', (piece: Buffer) => {
      if (isCut) return // a network that is cut says nothing to either side
      if (delayMs === 0 && queueIsEmpty) return void into.write(piece)
      const arrivesAt = performance.now() + delayMs
      queueIsEmpty = false
      const own = queue.then(async () => {
        await delay(Math.max(0, arrivesAt - performance.now()))
        if (!isCut && !into.destroyed) into.write(piece)
        if (queue === own) queueIsEmpty = true
      })
      queue = own
    })
  }

  await listening(server, port)
  return {
    port,
    get clients() {
      return [...clients.values()]
    },
    cut(cut) {
      isCut = cut
      // What was lost on the way can't be had again: a connection whose bytes are missing is over, as after a time-out.
      if (!cut) for (const socket of sockets) socket.destroy()
    },
    slow(ms) {
      delayMs = ms
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function listening(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening') // rejects on 'error'
}
