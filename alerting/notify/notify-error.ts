/** Why a receiver didn't take a notification: the value of a label, and the same for all receivers. */
export type NotifyReason =
  /** No connection. */
  | 'unreachable'
  /** No answer in time. */
  | 'timeout'
  /** It asks for patience: 429, 503. */
  | 'overloaded'
  /** Something went wrong on its side: any other 5xx. */
  | 'failed'
  /** It doesn't know us: 401, 403. */
  | 'unauthorized'
  /** It will never take this message. */
  | 'refused'

/** A receiver didn't take a notification. `retryable` is false where the same message can never be taken. */
export class NotifyError extends Error {
  readonly retryable: boolean
  readonly reason: NotifyReason
  /** How long the receiver asks to be left alone, where it says so (Retry-After). */
  readonly retryAfterMs: number | undefined

  constructor(
    message: string,
    {
      retryable,
      reason,
      retryAfterMs,
      cause,
    }: { retryable: boolean; reason: NotifyReason; retryAfterMs?: number; cause?: unknown },
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'NotifyError'
    this.retryable = retryable
    this.reason = reason
    this.retryAfterMs = retryAfterMs
  }
}
