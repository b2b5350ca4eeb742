import { type AddressInfo, isIPv6 } from 'node:net'
import { type Server, createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { listenFailure, parseListen } from './listen-address.ts'

/** A port can't be had: the message says which, why and which key to change. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}

/** `http://127.0.0.1:5001` of a listening address. */
export function urlOf(address: AddressInfo): string {
  return `http://${isIPv6(address.address) ? `[${address.address}]` : address.address}:${address.port}`
}

/** A connection on which nothing moved for so long is ended: its reader has gone, and its answer takes memory. */
const IDLE_MS = 60_000
/**
 * What a client may take to send a request: one that lets its bytes trickle keeps a connection and its memory otherwise
 * (slowloris). An import of 20 MB takes this long at 3 Mbit/s.
 */
const SLOW = { headersTimeout: 10_000, requestTimeout: 60_000, connectionsCheckingInterval: 2_000 }
/** Connections beyond are closed at once: each takes memory before it asked for anything. */
const MOST_CONNECTIONS = 10_000

let lastRequestAt = -Infinity

/** When a request came last to any port of this process, by `performance.now`: what stops everything can wait for a pause. */
export const requestedAt = (): number => lastRequestAt

/**
 * Serves a fetch handler on `listen`. `key` is the configuration key that the message names when the address can't be had.
 * Disposing it ends open connections too, streams included.
 */
export async function serveHttp(
  fetch: (request: Request) => Response | Promise<Response>,
  listen: string,
  key: string,
): Promise<AsyncDisposable & { readonly url: string; readonly server: Server }> {
  const { host, port } = parseListen(listen)
  const handle = getRequestListener(fetch)
  const server = createServer(SLOW, (request, response) => {
    lastRequestAt = performance.now()
    void handle(request, response)
  })
  server.maxConnections = MOST_CONNECTIONS
  server.setTimeout(IDLE_MS)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(new ListenError(`${key}: ${listenFailure(listen, error)}`, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
  return {
    server,
    url: urlOf(server.address() as AddressInfo),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
