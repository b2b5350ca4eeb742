import { once } from 'node:events'
import { type Server, type Socket, connect, createServer } from 'node:net'

/** Where a stream comes from or goes to: a TCP port, or a unix socket, which reaches across network namespaces. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string }

export type Forward = AsyncDisposable & {
  /** Connections that are open now. */
  readonly open: number
}

/** A path longer than this doesn't fit the kernel's sockaddr_un; longer ones would be cut without a word. */
export const MAX_SOCKET_PATH = 107

/**
 * Hands every connection on, byte for byte and without holding anything back (server-sent events pass as they
 * come). When one side goes away the other is ended too. Rejects with the listener's error (EADDRINUSE …).
 */
export async function forward(from: Endpoint, to: Endpoint): Promise<Forward> {
  if ('path' in from && Buffer.byteLength(from.path) > MAX_SOCKET_PATH)
    throw new RangeError(
      `${from.path}: longer than the ${MAX_SOCKET_PATH} bytes of a socket's path`,
    )
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ ...to, allowHalfOpen: true, noDelay: true })
    join(client, upstream)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
  })
  await listening(server, from)
  return {
    get open() {
      return sockets.size / 2
    },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function join(a: Socket, b: Socket): void {
  a.pipe(b)
  b.pipe(a)
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on('error', () => other.destroy())
    // After a good end what was written to the other may still be on its way: it ends, it isn't cut off.
    one.on('close', (failed) => (failed ? other.destroy() : other.end()))
  }
}

async function listening(server: Server, endpoint: Endpoint): Promise<void> {
  server.listen(endpoint)
  await once(server, 'listening') // rejects on 'error'
}
