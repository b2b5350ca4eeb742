import { type Registry, metricsOf } from '../metrics.ts'

/** What a spool says of itself. */
export type SpoolMeter = {
  /** What waits, and whether it does so in memory alone because the disk takes nothing. */
  state(state: {
    readonly bytes: number
    /** Room for them. */
    readonly limitBytes: number
    readonly samples: number
    readonly isFailing: boolean
  }): void
  corrupt(records: number): void
  replayed(samples: number): void
  /** Acknowledged, and not on disk for a minute: it has no room for them. */
  unkept(samples: number): void
}

export function createSpoolMetrics(registry: Registry): SpoolMeter {
  const { gauge, counter } = metricsOf(registry)
  const bytes = gauge('wardline_spool_bytes', 'Samples that wait on disk or for it', [])
  const limit = gauge('wardline_spool_limit_bytes', 'Room in the spool, in bytes', [])
  const samples = gauge('wardline_spool_samples', 'Lines of samples that wait', [])
  const failing = gauge('wardline_spool_failing', 'Whether the disk takes no samples', [])
  const corrupt = counter('wardline_spool_corrupt_records_total', 'Records that were damaged', [])
  const replayed = counter('wardline_spool_replayed_total', 'Samples stored out of the spool', [])
  const unkept = counter(
    'wardline_spool_unkept_total',
    'Acknowledged samples that the disk has no room to keep for a minute',
    [],
  )
  return {
    state(state) {
      bytes.set(state.bytes)
      limit.set(state.limitBytes)
      samples.set(state.samples)
      failing.set(Number(state.isFailing))
    },
    corrupt: (records) => corrupt.inc(records),
    replayed: (count) => replayed.inc(count),
    unkept: (count) => unkept.inc(count),
  }
}
