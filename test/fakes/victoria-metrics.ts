import { once } from 'node:events'
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What came in at the door, bodies as they were sent. */
export type Received = { readonly path: string; readonly body: string }

/** A server that answers as VictoriaMetrics does to writers, and can be told to refuse, to be away or to restart. */
export type FakeVictoriaMetrics = AsyncDisposable & {
  readonly url: string
  /** Writes that were acknowledged, in their order. */
  readonly stored: readonly Received[]
  /** All requests for a path. */
  count(path: string): number
  /** Decides the status of each write; 204 stores it. */
  answer: (write: Received) => number | Promise<number>
  /** Status of `/metrics`. */
  metricsStatus: number
  /** Ends every connection and refuses new ones. */
  stop(): Promise<void>
  /** Listens again at the same port, as another process: what it had acknowledged in memory is lost to it. */
  start(): Promise<void>
  /** Loses what it had acknowledged, as one that is killed does. */
  forget(): void
  /** Ends every connection, as a proxy or a time-out does; the process goes on. */
  disconnect(): void
}

export async function fakeVictoriaMetrics(): Promise<FakeVictoriaMetrics> {
  const stored: Received[] = []
  const requests: string[] = []
  let startedAt = 1_800_000_000
  let port = 0
  let server: Server | undefined

  async function listen(): Promise<void> {
    const next = createServer((request, response) => void respond(request, response))
    next.listen(port, '127.0.0.1')
    await once(next, 'listening')
    port = (next.address() as AddressInfo).port
    server = next
    startedAt++
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = (request.url ?? '').split('?')[0] ?? ''
    requests.push(path)
    const body = Buffer.concat(chunks).toString('latin1')
    const [status, text] = await reply({ path, body })
    response.writeHead(status).end(text)
  }

  async function reply(request: Received): Promise<[status: number, text: string]> {
    switch (request.path) {
      case '/metrics':
        return fake.metricsStatus === 200
          ? [200, metricsOf(startedAt)]
          : [fake.metricsStatus, 'not here']
      case '/write':
      case '/api/v1/write': {
        const status = await fake.answer(request)
        if (status === 204) stored.push(request)
        return [status, status === 204 ? '' : 'as the test wants it']
      }
      case '/health':
      case '/internal/force_flush':
        return [200, 'OK']
      default:
        return [400, `unsupported path requested: "${request.path}"`]
    }
  }

  async function stop(): Promise<void> {
    const ending = server
    server = undefined
    if (ending === undefined) return
    ending.closeAllConnections()
    await new Promise((resolve) => ending.close(resolve))
  }

  const fake: FakeVictoriaMetrics = {
    get url() {
      return `http://127.0.0.1:${port}`
    },
    stored,
    count: (path) => requests.filter((each) => each === path).length,
    answer: () => 204,
    metricsStatus: 200,
    stop,
    start: listen,
    forget: () => void (stored.length = 0),
    disconnect: () => server?.closeAllConnections(),
    [Symbol.asyncDispose]: stop,
  }
  await listen()
  return fake
}

/** As Debian's builds say it: without a version. */
const metricsOf = (startedAt: number): string =>
  [
    'vm_data_size_bytes{type="storage/small"} 0',
    'vm_app_version{version="", short_version=""} 1',
    `vm_app_start_timestamp ${startedAt}`,
    '',
  ].join('\n')
