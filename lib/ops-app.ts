import { Hono } from 'hono'
import type { Registry } from './metrics.ts'

/** `/metrics` and `/health` of a service; it is unhealthy (503) while its main loop is late or what it writes isn't stored. */
export function createOpsApp({
  component,
  version,
  registry,
  isLate,
  isStuck = () => false,
  details = () => ({}),
}: {
  component: string
  version: string
  registry: Registry
  isLate: () => boolean
  /** Whether samples wait and none was stored for long. */
  isStuck?: () => boolean
  /** More that /health says. */
  details?: () => object
}): Hono {
  return new Hono()
    .get('/metrics', async (c) =>
      c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
    )
    .get('/health', (c) => {
      const reasons = [
        ...(isLate() ? ['the main loop is late'] : []),
        ...(isStuck() ? ['samples wait and none is stored: check victoriametrics.url'] : []),
      ]
      return reasons.length === 0
        ? c.json({ status: 'healthy', component, version, ...details() })
        : c.json({ status: 'unhealthy', reasons, component, version, ...details() }, 503)
    })
}
