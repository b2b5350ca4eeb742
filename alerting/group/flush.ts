import type { Clock } from '../../lib/clock.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

/** Makes all that was pushed before an instant searchable; groups whose turns come together share one flush. */
export type SharedFlush = (at: number) => Promise<void>

export function createSharedFlush(victoriaMetrics: VictoriaMetrics, clock: Clock): SharedFlush {
  let begunAt = -Infinity
  let flushing: Promise<unknown> = Promise.resolve()
  return async (at) => {
    if (begunAt < at) {
      begunAt = clock.now()
      flushing = victoriaMetrics.flush()
    }
    await flushing
  }
}
