import { Hono } from 'hono'
import type { Registry } from './metrics.ts'

/** `/metrics` and `/health` of a service; it is unhealthy (503) while its main loop is late. */
export function createOpsApp({
  component,
  version,
  registry,
  isLate,
}: {
  component: string
  version: string
  registry: Registry
  isLate: () => boolean
}): Hono {
  return new Hono()
    .get('/metrics', async (c) =>
      c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
    )
    .get('/health', (c) => {
      const late = isLate()
      return c.json(
        { status: late ? 'unhealthy' : 'healthy', component, version },
        late ? 503 : 200,
      )
    })
}
