/** How long and how often one request is tried, and what that cost: one for each poll. */
export type Asking = {
  /** Requests for one answer. */
  readonly tries: number
  /** How long the first waits for it, in milliseconds; each further one waits twice as long. */
  readonly waitMs: number
  /** No wait goes past it; on the scale of `performance.now()`. */
  readonly deadlineAt: number
  /** Live totals: requests sent, and those among them that brought no usable answer. */
  readonly counts: { pdus: number; errors: number }
}
