import type { Clock } from '../../lib/clock.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

/** Makes all that was pushed before an instant searchable; groups whose turns come together share one flush. */
export type SharedFlush = (at: number) => Promise<void>

export function createSharedFlush(victoriaMetrics: VictoriaMetrics, clock: Clock): SharedFlush {
  let begunAt = -Infinity
  let flushing: Promise<unknown> = Promise.resolve()
  return async (at) => {
    const now = clock.now()
    // Begun in the future: the clock was set back since.
    if (begunAt < at || begunAt > now) {
      begunAt = now
      flushing = victoriaMetrics.flush()
      // The next one asks anew, also one of an instant before it.
      flushing.catch(() => (begunAt = -Infinity))
    }
    await flushing
  }
}
