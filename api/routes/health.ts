import { Hono } from 'hono'
import type { ApiParts } from '../app.ts'

/** Alive: the process answers. Ready: it can tell a status. Health: the whole pipeline, and how fresh its data is. */
export function healthRoutes({ assessor, registry }: ApiParts): Hono {
  return new Hono()
    .get('/livez', (c) => c.json({ status: 'alive' }))
    .get('/readyz', async (c) => {
      const { components } = await assessor.healthNow()
      const { status, reason } = components.victoriametrics
      return status === 'ok'
        ? c.json({ status: 'ready' })
        : c.json({ status: 'not ready', reason }, 503)
    })
    .get('/api/v1/health', async (c) => {
      const health = await assessor.healthNow()
      c.header('Cache-Control', 'no-store')
      const age = health.components.victoriametrics.view_age_seconds
      if (age !== null) c.header('X-Wardline-Age-Seconds', String(age))
      return c.json(health, health.status === 'unhealthy' ? 503 : 200)
    })
    .get('/metrics', async (c) =>
      c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
    )
}
