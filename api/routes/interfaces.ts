import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import type { Principal } from '../auth/principal.ts'
import { inventoryFor } from '../auth/scope.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { historyQuery, spanOf } from '../history/span.ts'
import { createTurns } from '../history/turns.ts'
import { atParameter } from '../instant.ts'
import { askInterfaces } from '../interfaces/ask.ts'
import { askInterfaceHistory } from '../interfaces/history.ts'
import { interfaceHistorySchema, interfaceSchema } from '../interfaces/schema.ts'
import { knownDevice } from '../known-device.ts'
import { queryOf, wholeNumber } from '../query-parameters.ts'
import { asked, noDevice } from '../responses.ts'

const tags = ['Devices']
const MAX_INDEX = 2_147_483_647

const params = z.object({ id: z.string().meta({ description: 'The id of a device' }) })

const listRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/devices/{id}/interfaces',
    tags,
    summary: 'Its interfaces',
    description: 'By their index, as the last poll told them; empty where it is not polled.',
    request: { params, query: queryOf({ at: atParameter(now) }) },
    responses: { ...asked('Its interfaces', z.array(interfaceSchema)), ...noDevice },
  })

const historyRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/devices/{id}/interfaces/{index}/history',
    tags,
    summary: 'The traffic of an interface',
    description: 'Either a `range` up to now, or `from` and `to`.',
    request: {
      params: params.extend({
        index: wholeNumber({ min: 0, max: MAX_INDEX }).meta({ description: 'Its ifIndex' }),
      }),
      query: historyQuery(now),
    },
    responses: { ...asked('In even steps', interfaceHistorySchema), ...noDevice },
  })

/** What SNMP tells of interfaces. */
export function interfaceRoutes({ inventory, historyStore, clock }: ApiParts): OpenAPIHono<ApiEnv> {
  const now = (): number => clock.now()
  const inTurn = createTurns(clock)
  const deviceOf = (id: string, principal: Principal) =>
    knownDevice({ current: inventoryFor(inventory.current, principal) }, id)

  return createEndpoints()
    .openapi(listRoute(now), async (c) => {
      const device = deviceOf(c.req.valid('param').id, c.get('principal'))
      const at = c.req.valid('query').at ?? now()
      c.header('Cache-Control', 'no-store')
      const { signal } = c.req.raw
      const ask = () => askInterfaces(historyStore, device, at, signal)
      return c.json(await inTurn(ask, signal), 200)
    })
    .openapi(historyRoute(now), async (c) => {
      const { id, index } = c.req.valid('param')
      const device = deviceOf(id, c.get('principal'))
      const span = spanOf(c.req.valid('query'), now())
      c.header('Cache-Control', 'no-store')
      const { signal } = c.req.raw
      const ask = () => askInterfaceHistory(historyStore, device, index, span, signal)
      return c.json(await inTurn(ask, signal), 200)
    })
}
