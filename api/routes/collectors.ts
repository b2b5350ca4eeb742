import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { stampView } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { askFacts } from '../collectors/facts.ts'
import { collectorsJson } from '../collectors/json.ts'
import { collectorSchema } from '../collectors/schema.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { createTurns } from '../history/turns.ts'
import { atParameter } from '../instant.ts'
import { queryOf } from '../query-parameters.ts'
import { asked } from '../responses.ts'
import { askSlowest } from '../slowest.ts'
import { viewAsked } from '../view/asked.ts'

/** Slow devices that are looked at: several collectors share them. */
const LOOKED_AT = 100

const listRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/collectors',
    tags: ['Collectors'],
    summary: 'Collectors',
    description: 'How each of them keeps up, and the devices that it polls slowest.',
    request: { query: queryOf({ at: atParameter(now) }) },
    responses: asked('The collectors, by name', z.array(collectorSchema)),
  })

/** How those that probe are doing. */
export function collectorRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { inventory, historyStore, clock } = parts
  const inTurn = createTurns(clock)

  return createEndpoints().openapi(
    listRoute(() => clock.now()),
    async (c) => {
      const principal = c.get('principal')
      const { scope } = principal
      const current = await viewAsked(parts, principal, c.req.valid('query').at)
      stampView(c, current, clock)
      c.header('Cache-Control', 'no-store')
      const { signal } = c.req.raw
      const { at } = current
      const devices = inventoryFor(inventory.current, principal)
      const question = { limit: LOOKED_AT, branch: null, region: null, scope }
      const [facts, slowest] = await inTurn(
        () =>
          Promise.all([
            askFacts(historyStore, at, signal),
            askSlowest(historyStore, devices, question, at, signal),
          ]),
        signal,
      )
      return c.json(collectorsJson(current, facts, slowest, { isScoped: scope !== null }), 200)
    },
  )
}
