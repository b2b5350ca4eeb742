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
  troubles = () => [],
}: {
  component: string
  version: string
  registry: Registry
  isLate: () => boolean
  /** Whether samples wait and none was stored for long. */
  isStuck?: () => boolean
  /** More that /health says. */
  details?: () => object
  /** What is wrong although the work goes on: said with a 200. */
  troubles?: () => readonly string[]
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
      const more = { component, version, ...details() }
      if (reasons.length > 0) {
        return c.json({ status: 'unhealthy', reasons: [...reasons, ...troubles()], ...more }, 503)
      }
      const degraded = troubles()
      return degraded.length > 0
        ? c.json({ status: 'degraded', reasons: degraded, ...more })
        : c.json({ status: 'healthy', ...more })
    })
}
