import type { Context } from 'hono'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import type { Logger } from '../../lib/log.ts'
import { MatcherError } from '../../lib/matchers.ts'

/**
 * What Alertmanager answers when a request isn't well: a JSON string from its handlers, `{code, message}` where its
 * OpenAPI description already refuses the request, and nothing at all for a silence that it doesn't have.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: 400 | 404 | 405 | 413 | 415 | 422
  readonly body: 'string' | 'object' | 'none'
  readonly code: number

  constructor(
    status: ApiError['status'],
    message: string,
    { body = 'string', code = status }: { body?: ApiError['body']; code?: number } = {},
  ) {
    super(message)
    this.status = status
    this.body = body
    this.code = code
  }
}

/** The answer to whatever a handler threw. What isn't expected is logged and tells the client nothing. */
export function answerError(error: Error, c: Context, log: Logger): Response {
  if (error instanceof MatcherError) return c.json(error.message, 400)
  if (error instanceof DecisionError) {
    switch (error.reason) {
      case 'unavailable':
        return c.json(error.message, 500)
      case 'not-found':
        return c.json(error.message, 404)
      case 'invalid':
      case 'conflict':
      case 'full':
        return c.json(error.message, 400)
    }
  }
  if (error instanceof ApiError) {
    const { status, message, code, body } = error
    if (body === 'none') return c.body(null, status)
    return body === 'string' ? c.json(message, status) : c.json({ code, message }, status)
  }
  log.error({ err: error, path: c.req.path }, "a request to Alertmanager's API failed")
  return c.json('internal error: see the log', 500)
}
