import type { Flip } from '../../lib/canary.ts'
import { type Registry, metricsOf } from '../../lib/metrics.ts'

export type CanaryMeter = {
  /** A flip came out so many seconds after it was due. */
  arrived(flip: Flip, seconds: number): void
  lost(isLost: boolean): void
}

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
