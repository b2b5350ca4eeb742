import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { answerList, stampView } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { pageParameters } from '../device-query.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { atParameter } from '../instant.ts'
import { queryOf } from '../query-parameters.ts'
import { asked, fromView } from '../responses.ts'
import { statsSchema } from '../health-schema.ts'
import { branchSchema, regionSchema } from '../schemas.ts'
import { branchesOf, regionsOf } from '../stats.ts'
import { viewAsked } from '../view/asked.ts'

const tags = ['Fleet']

const branchesRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/branches',
    tags,
    summary: 'Branches',
    description: 'Counts by status, the longest outages, and the uplinks of each.',
    request: { query: queryOf({ ...pageParameters(), at: atParameter(now) }) },
    responses: fromView('By name', z.array(branchSchema)),
  })

const regionsRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/regions',
    tags,
    summary: 'Regions',
    description: 'Counts by status, and the longest outages of each.',
    request: { query: queryOf({ ...pageParameters(), at: atParameter(now) }) },
    responses: fromView('By name', z.array(regionSchema)),
  })

const statsRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/dashboard/stats',
    tags,
    summary: 'The figures of a dashboard',
    description: 'Counts, alerts by severity, round-trip times, freshness of the samples, health.',
    request: { query: queryOf({ at: atParameter(now) }) },
    responses: asked('Of one view', statsSchema),
  })

/** What is told of the fleet as a whole. */
export function fleetRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { assessor, clock } = parts
  const now = (): number => clock.now()

  return createEndpoints()
    .openapi(branchesRoute(now), async (c) => {
      const { at, ...page } = c.req.valid('query')
      const view = await viewAsked(parts, c.get('principal'), at)
      return answerList(c, view, clock, page, () => branchesOf(view))
    })
    .openapi(regionsRoute(now), async (c) => {
      const { at, ...page } = c.req.valid('query')
      const view = await viewAsked(parts, c.get('principal'), at)
      return answerList(c, view, clock, page, () => regionsOf(view))
    })
    .openapi(statsRoute(now), async (c) => {
      const view = await viewAsked(parts, c.get('principal'), c.req.valid('query').at)
      stampView(c, view, clock)
      c.header('Cache-Control', 'private, no-store')
      return c.json(assessor.stats(view), 200)
    })
}
