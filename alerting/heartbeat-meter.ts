import { type Registry, metricsOf } from '../lib/metrics.ts'

export type HeartbeatMeter = {
  beat(result: 'sent' | 'sent_failure' | 'withheld' | 'failed'): void
}

export function createHeartbeatMetrics(registry: Registry): HeartbeatMeter {
  const beats = metricsOf(registry).counter(
    'wardline_heartbeats_total',
    "Calls of the dead man's signal, by what became of them",
    ['result'],
  )
  return { beat: (result) => beats.inc({ result }) }
}
