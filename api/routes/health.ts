import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import { viewFor } from '../auth/scope.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { json } from '../responses.ts'
import { healthSchema } from '../health-schema.ts'

const tags = ['Health']
const wordSchema = z.strictObject({
  status: z.enum(['alive', 'ready', 'not ready']),
  reason: z
    .string()
    .nullable()
    .optional()
    .meta({ examples: [null] }),
})

const livezRoute = createRoute({
  method: 'get',
  path: '/livez',
  tags,
  summary: 'The process answers',
  responses: { 200: json('Alive', wordSchema) },
})

const readyzRoute = createRoute({
  method: 'get',
  path: '/readyz',
  tags,
  summary: 'A status can be told',
  responses: { 200: json('Ready', wordSchema), 503: json('Not ready', wordSchema) },
})

const healthRoute = createRoute({
  method: 'get',
  path: '/api/v1/health',
  tags,
  summary: 'How healthy the pipeline is',
  description: 'Answers from what is known: VictoriaMetrics being slow makes it no slower.',
  responses: {
    200: json('Healthy or degraded', healthSchema),
    503: json('Unhealthy', healthSchema),
  },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  tags,
  summary: "The service's own metrics",
  responses: {
    200: {
      description: 'In the text format of Prometheus',
      content: { 'text/plain': { schema: z.string() } },
    },
  },
})

/** Alive: the process answers. Ready: it can tell a status. Health: the whole pipeline, and how fresh its data is. */
export function healthRoutes({ assessor, registry }: ApiParts): OpenAPIHono<ApiEnv> {
  return createEndpoints()
    .openapi(livezRoute, (c) => c.json({ status: 'alive' }, 200))
    .openapi(readyzRoute, async (c) => {
      const { components } = await assessor.healthNow()
      const { status, reason } = components.victoriametrics
      return status === 'ok'
        ? c.json({ status: 'ready' }, 200)
        : c.json({ status: 'not ready', reason }, 503)
    })
    .openapi(healthRoute, async (c) => {
      const principal = c.get('principal')
      const health = await assessor.healthNow((view) => viewFor(view, principal))
      c.header('Cache-Control', 'no-store')
      const age = health.components.victoriametrics.view_age_seconds
      if (age !== null) c.header('X-Wardline-Age-Seconds', String(age))
      return health.status === 'unhealthy' ? c.json(health, 503) : c.json(health, 200)
    })
    .openapi(metricsRoute, async (c) =>
      c.text(await registry.metrics(), 200, { 'content-type': registry.contentType }),
    )
}
