import { type Registry, metricsOf } from '../../lib/metrics.ts'
import type { CanaryMeter } from './watch.ts'

export function createCanaryMetrics(registry: Registry): CanaryMeter {
  const { gauge } = metricsOf(registry)
  const seconds = gauge(
    'wardline_canary_seconds',
    'From the last change of the canary until it came out at its receiver',
    ['change'],
  )
  const lost = gauge('wardline_canary_lost', 'Whether a change of the canary did not come out', [])
  return {
    arrived: ({ up }, took) => seconds.set({ change: up ? 'up' : 'down' }, took),
    lost: (isLost) => lost.set(Number(isLost)),
  }
}
