import { type OpenAPIHono, createRoute } from '@hono/zod-openapi'
import { answerView } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { atParameter } from '../instant.ts'
import { queryOf } from '../query-parameters.ts'
import { queuesOf } from '../queues.ts'
import { queuesSchema } from '../queues-schema.ts'
import { fromView } from '../responses.ts'
import { viewAsked } from '../view/asked.ts'

const queuesRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/scheduler/queues',
    tags: ['Collectors'],
    summary: 'What the collectors have under way, due and planned',
    request: { query: queryOf({ at: atParameter(now) }) },
    responses: fromView('Of all collectors, and of each', queuesSchema),
  })

export function queueRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { clock } = parts
  return createEndpoints().openapi(
    queuesRoute(() => clock.now()),
    async (c) => {
      const view = await viewAsked(parts, c.get('principal'), c.req.valid('query').at)
      return answerView(c, view, clock, () => queuesOf(view))
    },
  )
}
