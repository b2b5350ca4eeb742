import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

export { Counter, Gauge, Histogram, Registry }

/** A registry of one service's own metrics, with Node's process metrics in it. */
export function createRegistry(labels: Record<string, string> = {}): Registry {
  const registry = new Registry()
  registry.setDefaultLabels(labels)
  collectDefaultMetrics({ register: registry })
  return registry
}

/** `wardline_build_info`: which version of which component runs. */
export function setBuildInfo(registry: Registry, component: string, version: string): void {
  new Gauge({
    name: 'wardline_build_info',
    help: 'Version of a component',
    labelNames: ['component', 'version'],
    registers: [registry],
  }).set({ component, version }, 1)
}
