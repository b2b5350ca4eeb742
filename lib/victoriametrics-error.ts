/** `misconfigured`: what answers isn't VictoriaMetrics, isn't it at this path, or wants other credentials. */
export type FailureReason = 'unreachable' | 'rejected' | 'overloaded' | 'timeout' | 'misconfigured'

/** VictoriaMetrics didn't do what it was asked. `retryable` is false where the same request can never succeed. */
export class VictoriaMetricsError extends Error {
  readonly reason: FailureReason
  readonly retryable: boolean
  /** Of the answer; null: there was none. */
  readonly status: number | null

  constructor(
    message: string,
    reason: FailureReason,
    options: ErrorOptions & { readonly status?: number } = {},
  ) {
    super(message, options)
    this.name = 'VictoriaMetricsError'
    this.reason = reason
    this.retryable = reason !== 'rejected'
    this.status = options.status ?? null
  }
}

/** An answer over HTTP. */
export type Reply = {
  readonly status: number
  readonly text: string
  /** Its Date header, where it has one. */
  readonly date?: string
}

/**
 * Only what VictoriaMetrics says of a request's content is about the request. All else that is no success comes from
 * something before it, or from a path that it doesn't have, and ends when the address or the credentials are mended.
 */
export function reasonOf({ status, text }: Reply): FailureReason {
  if (status === 429 || status >= 500) return 'overloaded'
  // VictoriaMetrics and vmauth answer a 400 to a path that they don't serve, too.
  if (status === 400 && /unsupported path requested|missing route for/.test(text)) {
    return 'misconfigured'
  }
  return [400, 413, 422].includes(status) ? 'rejected' : 'misconfigured'
}

/** Whether it was down, or something before it says so: it may have restarted meanwhile. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof VictoriaMetricsError)) return false
  return error.status === null || error.status >= 500
}

/** Whether something before VictoriaMetrics, or another kind of it, doesn't have what was asked for. */
export function isNotOffered(error: unknown): boolean {
  return (
    error instanceof VictoriaMetricsError &&
    (error.reason === 'rejected' || error.reason === 'misconfigured')
  )
}
