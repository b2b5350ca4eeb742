import { Counter, Gauge, Histogram, Registry, Summary, collectDefaultMetrics } from 'prom-client'

export { Counter, Gauge, Histogram, Registry, Summary }

/** A registry of one service's own metrics, with Node's process metrics in it. */
export function createRegistry(labels: Record<string, string> = {}): Registry {
  const registry = new Registry()
  registry.setDefaultLabels(labels)
  collectDefaultMetrics({ register: registry })
  return registry
}

/** Makers of the metrics of one registry, with their label names as types. */
export function metricsOf(registry: Registry): {
  gauge<L extends string>(name: string, help: string, labelNames: readonly L[]): Gauge<L>
  counter<L extends string>(name: string, help: string, labelNames: readonly L[]): Counter<L>
} {
  const registers = [registry]
  return {
    gauge: (name, help, labelNames) => new Gauge({ name, help, labelNames, registers }),
    counter: (name, help, labelNames) => new Counter({ name, help, labelNames, registers }),
  }
}

/** `wardline_build_info`: which version of which component runs. */
export function setBuildInfo(registry: Registry, component: string, version: string): void {
  const { gauge } = metricsOf(registry)
  const labelNames = ['component', 'version'] as const
  gauge('wardline_build_info', 'Version of a component', labelNames).set({ component, version }, 1)
}
