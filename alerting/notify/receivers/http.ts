import { type Dispatcher, type buildConnector, request } from 'undici'
import { type Clock, systemClock } from '../../../lib/clock.ts'
import type { HttpConfig, TlsConfig } from '../../../lib/config/receivers.ts'
import { BUILT_IN_EGRESS } from '../../../lib/egress/egress.ts'
import type { Secret } from '../../../lib/secret.ts'
import { NotifyError, type NotifyReason } from '../notify-error.ts'
import type { Externals } from './externals.ts'
import { hideSecrets } from './hide.ts'

export type HttpRequest = {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH'
  readonly url: string
  /** The URL without what is secret in it. */
  readonly shown: string
  readonly headers?: Readonly<Record<string, string>>
  /** Empty: none. */
  readonly body: string
}

/** Resolves with the body of a 2xx answer; rejects with NotifyError, or the signal's reason. */
export type Send = (request: HttpRequest, signal: AbortSignal) => Promise<string>

export type SendOptions = {
  /** What no message of an error repeats. */
  readonly secrets?: readonly (Secret | undefined)[]
  /** How many seconds an answer asks for, where its body says so rather than Retry-After. */
  readonly secondsToWait?: (answer: string) => unknown
}

const MOST_OF_ANSWER = 65_536
const SHOWN_OF_ANSWER = 200

export function createSend(
  { timeout: timeoutMs, tls }: HttpConfig,
  {
    clock = systemClock,
    trace,
    egress = BUILT_IN_EGRESS,
  }: Pick<Externals, 'clock' | 'trace' | 'egress'>,
  { secrets = [], secondsToWait = () => undefined }: SendOptions = {},
): Send {
  const hide = hideSecrets([...secrets, tls?.key])
  const dispatcher = egress.agent(tls === undefined ? undefined : connectionOf(tls))

  return async ({ method = 'POST', url, shown, headers = {}, body }, signal) => {
    const startedAt = performance.now()
    const tell = (answer: string): void =>
      trace?.({
        what: `${method} ${shown}`,
        bytes: Buffer.byteLength(body),
        ms: performance.now() - startedAt,
        answer,
      })
    const timeout = AbortSignal.timeout(timeoutMs)
    let response: Dispatcher.ResponseData
    let text: string
    try {
      response = await request(url, {
        dispatcher,
        method,
        body: body === '' ? null : body,
        headers: {
          ...(body === '' ? {} : { 'content-type': 'application/json' }),
          'user-agent': 'wardline',
          ...headers,
        },
        signal: AbortSignal.any([signal, timeout]),
      })
      text = await startOf(response.body)
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const why = timeout.aborted
        ? `no answer within ${timeoutMs} ms`
        : hide((error as Error).message || String((error as NodeJS.ErrnoException).code))
      tell(why)
      throw new NotifyError(why, {
        retryable: true,
        reason: timeout.aborted ? 'timeout' : 'unreachable',
        cause: error,
      })
    }
    const status = response.statusCode
    const answer = `${status} ${printable(hide(text)).slice(0, SHOWN_OF_ANSWER)}`.trim()
    tell(answer)
    if (status >= 200 && status < 300) return text
    const waitSeconds = secondsToWait(text)
    const retryAfterMs =
      typeof waitSeconds === 'number'
        ? patience(waitSeconds * 1_000)
        : readRetryAfter(response.headers['retry-after'], clock)
    throw failureOf(status, `answered ${answer}`, retryAfterMs)
  }
}

/** A terminal obeys some characters, and a log is read on one. */
const printable = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ')

/** What an HTTP status means for the one who sent. */
export function failureOf(status: number, message: string, retryAfterMs?: number): NotifyError {
  return new NotifyError(message, {
    retryable: status >= 500 || status === 429 || status === 408,
    reason: reasonOf(status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}

function reasonOf(status: number): NotifyReason {
  if (status === 429 || status === 503) return 'overloaded'
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 408) return 'timeout'
  return status >= 500 ? 'failed' : 'refused'
}

/** Nobody is left alone for longer than this, whatever he asks for. */
const MOST_PATIENCE_MS = 3_600_000
const patience = (ms: number): number => Math.min(Math.max(0, Math.ceil(ms)), MOST_PATIENCE_MS)

/** Seconds, or a date (RFC 9110, 10.2.3). */
function readRetryAfter(
  header: string | string[] | undefined,
  clock: Pick<Clock, 'now'>,
): number | undefined {
  const text = String(header ?? '').trim()
  if (/^\d+(\.\d+)?$/.test(text)) return patience(Number(text) * 1_000)
  const until = Date.parse(text)
  return Number.isNaN(until) ? undefined : patience(until - clock.now())
}

/** An answer that doesn't end is cut off. */
async function startOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= MOST_OF_ANSWER) break
  }
  return Buffer.concat(chunks).toString('utf8')
}

const connectionOf = ({
  ca,
  cert,
  key,
  server_name,
  insecure_skip_verify,
}: TlsConfig): buildConnector.BuildOptions => ({
  ...(ca === undefined ? {} : { ca }),
  ...(cert === undefined ? {} : { cert }),
  ...(key === undefined ? {} : { key: key.reveal() }),
  ...(server_name === undefined ? {} : { servername: server_name }),
  rejectUnauthorized: !insecure_skip_verify,
})
