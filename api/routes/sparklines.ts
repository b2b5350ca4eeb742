import { type OpenAPIHono, createRoute } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { createTurns } from '../history/turns.ts'
import { anyTexts, queryOf } from '../query-parameters.ts'
import { asked } from '../responses.ts'
import { askSparklines } from '../sparklines.ts'
import { sparklinesSchema } from '../sparklines-schema.ts'

/** As many as a screen shows. */
const MOST = 100

const route = createRoute({
  method: 'get',
  path: '/sparklines',
  tags: ['Devices'],
  summary: 'The last hour of several devices in 30 points each',
  description: 'Round-trip times and loss, for lists. An id that there is not is left out.',
  request: {
    query: queryOf({
      device: anyTexts()
        .refine((ids) => ids === undefined || ids.length <= MOST, `expected ${MOST} ids at most`)
        .meta({
          description: `Ids of devices, ${MOST} at most; repeated for several`,
          param: { style: 'form', explode: true },
        }),
    }),
  },
  responses: asked('In even steps, the last of which is under way', sparklinesSchema),
})

export function sparklineRoutes({ inventory, historyStore, clock }: ApiParts): OpenAPIHono<ApiEnv> {
  const inTurn = createTurns(clock)
  return createEndpoints().openapi(route, async (c) => {
    const own = inventoryFor(inventory.current, c.get('principal'))
    const ids = new Set(c.req.valid('query').device)
    const devices = [...ids].flatMap((id) => own.get(id) ?? [])
    c.header('Cache-Control', 'no-store')
    const { signal } = c.req.raw
    const ask = () => askSparklines(historyStore, devices, clock.now(), signal)
    return c.json(await inTurn(ask, signal), 200)
  })
}
