import { once } from 'node:events'
import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it came in. */
export type Received = {
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** What it was answered with; 0 where it was left hanging. */
  readonly status: number
}

export type ToldAlert = {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
  readonly fingerprint: string
}

/** A webhook receiver that a test makes well or ill. */
export type TestReceiver = AsyncDisposable & {
  readonly url: string
  /** All requests, also those that were refused. */
  readonly requests: readonly Received[]
  /** The alerts of all accepted requests, in order. Requests of a key that was accepted before count once. */
  accepted(): ToldAlert[]
  /** What the next requests are answered with: a status, or `hang` for no answer at all. */
  behave(how: number | 'hang' | ((body: string) => number | 'hang')): void
}

export async function startReceiver(): Promise<TestReceiver> {
  const requests: Received[] = []
  let how: (body: string) => number | 'hang' = () => 200
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (text: string) => (body += text))
    request.on('end', () => {
      const status = how(body)
      requests.push({ headers: request.headers, body, status: status === 'hang' ? 0 : status })
      if (status !== 'hang') answer(response, status)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    accepted() {
      const keys = new Set<string>()
      const told: ToldAlert[] = []
      for (const { headers, body, status } of requests) {
        const key = String(headers['idempotency-key'])
        if (status !== 200 || keys.has(key)) continue
        keys.add(key)
        told.push(...(JSON.parse(body) as { alerts: ToldAlert[] }).alerts)
      }
      return told
    },
    behave(next) {
      how = typeof next === 'function' ? next : () => next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status).end(status === 200 ? 'ok' : 'not today')
}

/** `firing DeviceDown router-1`, one for each alert: what most tests look at. */
export const inShort = (alerts: readonly ToldAlert[]): string[] =>
  alerts.map(({ status, labels }) =>
    [status, labels['alertname'], labels['device']].filter(Boolean).join(' '),
  )
