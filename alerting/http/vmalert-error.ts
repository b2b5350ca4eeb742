import type { Context } from 'hono'
import type { Logger } from '../../lib/log.ts'

/** A request to vmalert's API that can't be answered as it was asked. */
export class VmalertError extends Error {
  override readonly name = 'VmalertError'
  readonly status: 400 | 404 | 500

  constructor(status: VmalertError['status'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

const TYPES = { 400: 'bad_data', 404: 'not_found', 500: 'internal', 503: 'unavailable' } as const

/** Errors as Prometheus answers them. What isn't expected is logged and tells the client nothing. */
export function answerError(error: Error, c: Context, log: Logger): Response {
  if (error instanceof VmalertError) return errorJson(c, error.status, error.message)
  log.error({ err: error, path: c.req.path }, "a request to vmalert's API failed")
  return errorJson(c, 500, 'internal error: the log says more')
}

export const errorJson = (c: Context, status: keyof typeof TYPES, error: string): Response =>
  c.json({ status: 'error', errorType: TYPES[status], error }, status)
