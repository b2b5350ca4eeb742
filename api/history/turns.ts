import pLimit from 'p-limit'
import type { Clock } from '../../lib/clock.ts'
import { Problem } from '../problem.ts'

/** Questions that are asked at once, those that wait for their turn, and how long they do. */
const AT_ONCE = 2
const WAITING = 30
const PATIENCE_MS = 10_000

export type TakeTurn = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

/**
 * A history may take VictoriaMetrics long, and so may a question of the whole fleet: a few are asked at once, the others
 * wait. Rejects with a 503 when too many wait or the wait was too long, and with the signal's reason when nobody waits for
 * the answer any more.
 */
export function createTurns(clock: Clock, atOnce = AT_ONCE): TakeTurn {
  const limit = pLimit(atOnce)
  return async (work, signal) => {
    if (limit.pendingCount >= WAITING) throw busy()
    const until = clock.now() + PATIENCE_MS
    return limit(async () => {
      signal.throwIfAborted()
      if (clock.now() >= until) throw busy()
      return work()
    })
  }
}

const busy = (): Problem =>
  new Problem(503, 'Busy', 'many such questions are asked, and they take long: try again', {
    reason: 'overloaded',
  })
