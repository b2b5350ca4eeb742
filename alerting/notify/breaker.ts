/** Keeps a receiver in trouble from being asked over and over: a closed one admits all, an open one nobody. */
export type Breaker = {
  /** Whether one more may be sent while `underWay` are: one alone once it was open, to see whether it is well. */
  admits(at: number, underWay: number): boolean
  /** True when that ended its trouble. */
  succeeded(): boolean
  /** `retryAfterMs`: how long the receiver asks to be left alone. True when it was well before. */
  failed(at: number, retryAfterMs?: number): boolean
  /** Until when nothing is admitted. */
  openUntil(): number
  /** The clock was set back to `at`. */
  obeyClock(at: number): void
}

/** So many failures in a row open it. */
const OPENS_AFTER = 5
const OPEN_MS = { first: 5_000, most: 60_000 }
/** More patience than this is a slip of the receiver. */
const MOST_PATIENCE_MS = 3_600_000

export function createBreaker(): Breaker {
  let failures = 0
  let openings = 0
  let openUntil = 0
  const isTripped = (): boolean => failures >= OPENS_AFTER
  return {
    admits: (at, underWay) => at >= openUntil && (!isTripped() || underWay === 0),
    succeeded() {
      const wasTripped = isTripped() || openUntil > 0
      failures = openings = openUntil = 0
      return wasTripped
    },
    failed(at, retryAfterMs = 0) {
      failures++
      if (isTripped() && at >= openUntil) {
        openUntil = at + Math.min(OPEN_MS.first * 2 ** openings, OPEN_MS.most)
        openings++
      }
      if (retryAfterMs > 0)
        openUntil = Math.max(openUntil, at + Math.min(retryAfterMs, MOST_PATIENCE_MS))
      return failures === 1
    },
    openUntil: () => openUntil,
    obeyClock(at) {
      openUntil = Math.min(openUntil, at + OPEN_MS.most)
    },
  }
}
