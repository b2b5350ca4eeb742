import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { amongDevices, inventoryTexts } from '../device-query.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { createTurns } from '../history/turns.ts'
import { atParameter } from '../instant.ts'
import { queryOf, wholeNumber } from '../query-parameters.ts'
import { asked } from '../responses.ts'
import { slowPollSchema } from '../schemas.ts'
import { MAX_SLOWEST, askSlowest } from '../slowest.ts'

const slowestRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/snmp/slowest',
    tags: ['Collectors'],
    summary: 'Devices whose last SNMP poll took longest',
    description: "One that answered nothing is silent, not slow: it isn't told here.",
    request: {
      query: queryOf({
        branch: inventoryTexts('this branch'),
        region: inventoryTexts('this region'),
        limit: wholeNumber({ min: 1, max: MAX_SLOWEST })
          .default(10)
          .meta({ description: 'So many at most' }),
        at: atParameter(now),
      }),
    },
    responses: asked('The slowest first', z.array(slowPollSchema)),
  })

/** What is told of polling. Asked when it is read: no view has it. */
export function snmpRoutes({ inventory, historyStore, clock }: ApiParts): OpenAPIHono<ApiEnv> {
  const inTurn = createTurns(clock)

  return createEndpoints().openapi(
    slowestRoute(() => clock.now()),
    async (c) => {
      const { branch, region, limit, at = clock.now() } = c.req.valid('query')
      const principal = c.get('principal')
      const devices = inventoryFor(inventory.current, principal)
      const question = {
        limit,
        branch: amongDevices(devices, 'branch', branch),
        region: amongDevices(devices, 'region', region),
        scope: principal.scope,
      }
      c.header('X-Wardline-As-Of', new Date(at).toISOString())
      c.header('Cache-Control', 'private, no-store')
      const { signal } = c.req.raw
      const ask = () => askSlowest(historyStore, devices, question, at, signal)
      return c.json(await inTurn(ask, signal), 200)
    },
  )
}
