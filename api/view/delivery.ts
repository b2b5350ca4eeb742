import { CLOCK_SKEW } from '../../lib/clock-skew.ts'
import { lateFrom } from '../../lib/lateness.ts'
import type { Vector } from '../../lib/victoriametrics.ts'

/** What a service's spool says of itself. */
export type SpoolFigures = {
  readonly samples: number
  readonly bytes: number
  /** Room for them; null where it isn't said. */
  readonly limitBytes: number | null
  /** Whether the disk takes nothing. */
  readonly isFailing: boolean
}

/** How what collectors and alerting write gets to VictoriaMetrics. Instants are Unix milliseconds. */
export type Delivery = {
  /** By the service's name. */
  readonly spools: ReadonlyMap<string, SpoolFigures>
  /** Of the vantages whose samples come late, up to when the states of what they probe are known. */
  readonly lateFrom: ReadonlyMap<string, number>
  /** By the service's name, how far its clock is ahead of VictoriaMetrics' at least; negative: behind. Seconds. */
  readonly skews: ReadonlyMap<string, number>
}

export const SPOOL_METRICS = 'wardline_spool_(samples|bytes|limit_bytes|failing)'

/** A clock may be so far off that this question lives in another minute. */
export const skewsQuery = `last_over_time(${CLOCK_SKEW}[10m])`

export function readDelivery(own: Vector): Delivery {
  const byMetric = Map.groupBy(own, ({ labels }) => labels['__name__'] ?? '')
  const figures = (metric: string): Map<string, number> =>
    new Map(
      (byMetric.get(metric) ?? [])
        .filter(({ value }) => Number.isFinite(value))
        .map(({ labels, value }) => [labels['instance'] ?? '', value]),
    )
  const bytes = figures('wardline_spool_bytes')
  const limits = figures('wardline_spool_limit_bytes')
  const failing = figures('wardline_spool_failing')
  const spools = new Map(
    [...figures('wardline_spool_samples')].map(([name, samples]) => [
      name,
      {
        samples,
        bytes: bytes.get(name) ?? 0,
        limitBytes: limits.get(name) ?? null,
        isFailing: failing.get(name) === 1,
      },
    ]),
  )
  return { spools, lateFrom: lateFrom(own), skews: figures(CLOCK_SKEW) }
}
