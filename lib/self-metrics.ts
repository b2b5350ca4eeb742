import type { Clock } from './clock.ts'
import { type Sample } from './line-protocol.ts'
import type { Registry } from './metrics.ts'

const EVERY_MS = 10_000

/**
 * Writes a registry's wardline_ metrics every 10 s under their own names, with the label `instance`; those of `except`
 * their service writes itself, with stamps of its own.
 */
export async function pushOwnMetrics(
  {
    registry,
    instance,
    except = [],
    write,
    clock,
  }: {
    registry: Registry
    instance: string
    except?: readonly string[]
    write: (samples: readonly Sample[]) => void
    clock: Clock
  },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const at = Math.floor(clock.now() / 1000) * 1000
    const samples: Sample[] = []
    for (const metric of await registry.getMetricsAsJSON()) {
      if (!metric.name.startsWith('wardline_') || except.includes(metric.name)) continue
      for (const { value, labels, ...rest } of metric.values) {
        const name = 'metricName' in rest ? String(rest.metricName) : metric.name
        const texts = Object.fromEntries(
          Object.entries(labels).map(([key, text]) => [key, String(text)]),
        )
        samples.push({
          measurement: '',
          labels: { ...texts, instance },
          fields: { [name]: value },
          at,
        })
      }
    }
    write(samples)
    await clock.sleepUntil(at + EVERY_MS, signal).catch(() => {})
  }
}
