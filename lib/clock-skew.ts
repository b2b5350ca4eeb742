import { type Clock, isAbort, systemClock } from './clock.ts'
import type { Sample } from './line-protocol.ts'
import type { Logger } from './log.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from './victoriametrics.ts'

/** By how much a service's clock is ahead of VictoriaMetrics', at least; negative where it is behind. Seconds. */
export const CLOCK_SKEW = 'wardline_clock_skew_seconds'

const LOOK_EVERY_MS = 15_000
const SECOND_MS = 1_000
/**
 * Told in the log, of health and as an alert from here on. As much as it takes to confirm an outage: what is stamped further off
 * may be judged wrongly.
 */
export const MOST_SKEW_MS = 2_000

/**
 * How far a clock is off that said `askedAt` and `answeredAt` around an answer of the second `date`: the least that explains
 * it, and 0 where nothing need be wrong. Milliseconds; null where the clock was set meanwhile.
 */
export function skewOf(askedAt: number, date: number, answeredAt: number): number | null {
  if (answeredAt < askedAt) return null
  // It answered between the two, in [date, date + 1 s).
  const [least, most] = [askedAt - (date + SECOND_MS), answeredAt - date]
  if (least > 0) return least
  return most < 0 ? most : 0
}

/**
 * Compares the machine's clock, as it is set, with VictoriaMetrics' and writes what it finds, stamped by the latter: a sample
 * with a stamp of the future would be seen when that has come. Runs until the signal aborts.
 */
export async function watchClock(
  {
    victoriaMetrics,
    instance,
    write,
    clock = systemClock,
    log,
  }: {
    victoriaMetrics: Pick<VictoriaMetrics, 'date'>
    instance: string
    write: (samples: readonly Sample[]) => void
    clock?: Clock
    log: Logger
  },
  signal: AbortSignal,
): Promise<void> {
  const labels = { instance }
  let isTold = false
  try {
    while (!signal.aborted) {
      await look()
      await clock.sleepUntil(clock.now() + LOOK_EVERY_MS, signal)
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  }

  async function look(): Promise<void> {
    try {
      const askedAt = clock.now()
      const date = await victoriaMetrics.date(signal)
      if (date === null) return
      const skewMs = skewOf(askedAt, date, clock.now())
      if (skewMs !== null) tell(skewMs, date)
    } catch (error) {
      if (!(error instanceof VictoriaMetricsError)) throw error
    }
  }

  function tell(skewMs: number, at: number): void {
    write([{ measurement: '', labels, fields: { [CLOCK_SKEW]: skewMs / 1000 }, at }])
    const isOff = Math.abs(skewMs) >= MOST_SKEW_MS
    if (isOff && !isTold)
      log.error(
        { seconds: Math.round(skewMs / 1000) },
        "this machine's clock differs from VictoriaMetrics': check its time synchronization",
      )
    if (!isOff && isTold) log.warn("this machine's clock is right again")
    isTold = isOff
  }
}
