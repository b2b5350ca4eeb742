import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { AuthError } from '../lib/auth/auth-error.ts'
import type { Logger } from '../lib/log.ts'
import { VictoriaMetricsError } from '../lib/victoriametrics.ts'
import { ViewUnavailableError } from './status-view.ts'

/** An answer that isn't what was asked for: RFC 9457 problem details. `extra` are its extension members. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: ContentfulStatusCode
  readonly title: string
  readonly extra: Readonly<Record<string, unknown>>

  constructor(
    status: ContentfulStatusCode,
    title: string,
    detail: string,
    extra: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options)
    this.status = status
    this.title = title
    this.extra = extra
  }
}

/** The answer to whatever a handler threw. What isn't expected is logged and tells the client nothing. */
export function answerError(error: Error, c: Context, log: Logger): Response {
  const problem = problemOf(error)
  if (problem.status === 500) log.error({ err: error, path: c.req.path }, 'request failed')
  if (problem.status === 401 && isPageInBrowser(c)) return c.redirect(signInPath(c), 302)
  const { retry_after_seconds: wait } = problem.extra
  if (typeof wait === 'number') c.header('Retry-After', String(wait))
  else if (problem.status === 503) c.header('Retry-After', '1')
  if (problem.status === 401) c.header('WWW-Authenticate', 'Bearer')
  c.header('Cache-Control', 'no-store')
  return c.body(
    JSON.stringify({
      type: 'about:blank',
      title: problem.title,
      status: problem.status,
      detail: problem.message,
      instance: c.req.path,
      ...problem.extra,
    }),
    problem.status,
    { 'content-type': 'application/problem+json' },
  )
}

/** What is amiss with a body that isn't JSON, and where; any other error is as it was. */
export async function readRefusal(error: Error, c: Context): Promise<Error> {
  if (!(error instanceof HTTPException) || !error.message.startsWith(NO_JSON)) return error
  // Hono keeps what it has read.
  const body = await c.req.text()
  if (body === '') return new Problem(400, 'Bad body', 'expected JSON: there is no body')
  try {
    JSON.parse(body)
    return error
  } catch (amiss) {
    return new Problem(400, 'Bad body', `expected JSON: ${(amiss as Error).message}`)
  }
}

/** How Hono begins to say it. */
const NO_JSON = 'Malformed JSON'

/** Somebody opens a page, rather than a program an interface. */
export function isPageInBrowser(c: Context): boolean {
  const { method, path } = c.req
  const destination = c.req.header('sec-fetch-dest') ?? 'document'
  const accepts = c.req.header('accept') ?? ''
  const isApi = path.startsWith('/api/') || c.req.header('authorization') !== undefined
  return method === 'GET' && !isApi && destination === 'document' && accepts.includes('text/html')
}

function signInPath(c: Context): string {
  c.header('Cache-Control', 'no-store')
  const { pathname, search } = new URL(c.req.url)
  return `/login?to=${encodeURIComponent(pathname + search)}`
}

const AUTH_PROBLEMS = {
  invalid: [400, 'Bad body'],
  'not-found': [404, 'Not found'],
  conflict: [409, 'In the way'],
  full: [507, 'No room'],
  refused: [403, 'Refused'],
  unavailable: [503, 'Not now'],
} as const satisfies Record<AuthError['reason'], readonly [ContentfulStatusCode, string]>

function problemOf(error: Error): Problem {
  if (error instanceof Problem) return error
  if (error instanceof ViewUnavailableError) {
    return new Problem(503, 'Status unknown', error.message, { reason: error.reason })
  }
  if (error instanceof VictoriaMetricsError) {
    return new Problem(503, 'Not known now', error.message, { reason: error.reason })
  }
  if (error instanceof AuthError) {
    const [status, title] = AUTH_PROBLEMS[error.reason]
    return new Problem(status, title, error.message, { reason: error.reason })
  }
  if (error instanceof HTTPException) return refusalOf(error)
  return new Problem(500, 'Internal error', 'wardline failed to answer; its log says why')
}

/** What Hono refuses before a schema has seen it, said as the schemas say it. */
function refusalOf({ status, message }: HTTPException): Problem {
  if (status === 415)
    return new Problem(415, 'Bad body', 'expected JSON, and Content-Type: application/json')
  if (status === 400 && message.startsWith(NO_JSON))
    return new Problem(400, 'Bad body', 'expected JSON: there is no body, or none that can be read')
  return new Problem(status as ContentfulStatusCode, 'Refused', message)
}
