import { Pool } from 'undici'
import { takeCredentials } from '../lib/url-credentials.ts'
import { Problem } from './problem.ts'

/** Hands requests on to alerting's own port, where vmalert's and Alertmanager's APIs are. */
export type AlertingProxy = {
  /** Rejects with Problem: 502 while alerting is away, 413 for a body that is too large, 404 for a path that isn't offered. */
  forward(request: Request): Promise<Response>
}

/** Alerting's other paths are its own business. */
const OFFERED = /^\/(vmalert|alertmanager)\//
const TIMEOUT_MS = 10_000
/** As Alertmanager's API has it. */
const MOST_BYTES = 1_048_576
const MOST_ANSWERED_BYTES = 268_435_456
const CONNECTIONS = 4

/** Of one connection, not of the message (RFC 9110 7.6.1); and what the next one sets by itself. */
const OWN_TO_A_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
// A session and a token are for this service alone.
const NOT_SENT = new Set([
  'host',
  'content-length',
  'accept-encoding',
  'expect',
  'cookie',
  'authorization',
  'origin',
])

export function createAlertingProxy(address: string): AlertingProxy & AsyncDisposable {
  const { url, authorization } = takeCredentials(address)
  const base = new URL(url)
  const prefix = base.pathname.replace(/\/+$/, '')
  const pool = new Pool(base.origin, { connections: CONNECTIONS, connect: { timeout: 3_000 } })

  return {
    async forward(request) {
      const { pathname, search } = new URL(request.url)
      // Dots in a path are resolved by now: what leads elsewhere was let in by what it looked like.
      if (!OFFERED.test(pathname)) throw new Problem(404, 'Not found', `nothing is at ${pathname}`)
      const headers = passedOn(request.headers, NOT_SENT)
      if (authorization !== undefined) headers.set('authorization', authorization)
      const body = await bodyOf(request)
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)])
      try {
        const reply = await pool.request({
          method: request.method as 'GET',
          path: prefix + pathname + search,
          headers: Object.fromEntries(headers),
          body,
          signal,
        })
        const bytes = await bounded(reply.body, MOST_ANSWERED_BYTES, answerTooLarge)
        const told = passedOn(headersOf(reply.headers), new Set(['content-length']))
        const isEmpty = [204, 304].includes(reply.statusCode)
        return new Response(isEmpty ? null : new Uint8Array(bytes), {
          status: reply.statusCode,
          headers: told,
        })
      } catch (error) {
        if (error instanceof Problem) throw error
        const why = signal.aborted ? 'no answer in time' : (error as Error).message
        throw new Problem(
          502,
          'Alerting is away',
          `can't reach alerting at ${url}: ${why}`,
          {
            reason: signal.aborted ? 'timeout' : 'unreachable',
          },
          { cause: error },
        )
      }
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  }
}

async function bodyOf(request: Request): Promise<Buffer | null> {
  if (request.body === null) return null
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > MOST_BYTES) throw tooLarge()
  return bounded(request.body, MOST_BYTES, tooLarge)
}

async function bounded(
  body: AsyncIterable<Uint8Array>,
  most: number,
  refusal: () => Problem,
): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > most) throw refusal()
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const tooLarge = (): Problem =>
  new Problem(413, 'Too large', `expected a body of at most ${MOST_BYTES} bytes`)

const answerTooLarge = (): Problem =>
  new Problem(502, 'Too large', `alerting's answer has more than ${MOST_ANSWERED_BYTES} bytes`)

function passedOn(from: Headers, without: ReadonlySet<string>): Headers {
  const named = (from.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase())
  const headers = new Headers()
  for (const [name, value] of from) {
    if (OWN_TO_A_HOP.has(name) || without.has(name) || named.includes(name)) continue
    headers.append(name, value)
  }
  return headers
}

function headersOf(from: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(from))
    for (const one of [value ?? []].flat()) headers.append(name, one)
  return headers
}
