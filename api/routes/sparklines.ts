import { type OpenAPIHono, createRoute } from '@hono/zod-openapi'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { checkDevices } from '../device-query.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { createTurns } from '../history/turns.ts'
import { atParameter } from '../instant.ts'
import { anyTexts, queryOf } from '../query-parameters.ts'
import { asked } from '../responses.ts'
import { askSparklines } from '../sparklines.ts'
import { sparklinesSchema } from '../sparklines-schema.ts'

/** As many as a screen shows. */
const MOST = 100

const sparklinesRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/sparklines',
    tags: ['Devices'],
    summary: 'The last hour of several devices in 30 points each',
    description:
      'Round-trip times and loss, for lists. An id that there is not is left out beside others: a list may be a second old.',
    request: {
      query: queryOf({
        device: anyTexts()
          .refine((ids) => ids === undefined || ids.length <= MOST, `expected ${MOST} ids at most`)
          .meta({
            description: `Ids of devices, ${MOST} at most; repeated for several`,
            param: { style: 'form', explode: true },
          }),
        at: atParameter(now),
      }),
    },
    responses: asked(
      'In even steps, the last of which is under way; of a past instant it was over by then',
      sparklinesSchema,
    ),
  })

export function sparklineRoutes({ inventory, historyStore, clock }: ApiParts): OpenAPIHono<ApiEnv> {
  const inTurn = createTurns(clock)
  const now = (): number => clock.now()
  return createEndpoints().openapi(sparklinesRoute(now), async (c) => {
    const { device: wanted, at } = c.req.valid('query')
    const own = inventoryFor(inventory.current, c.get('principal'))
    const ids = new Set(wanted)
    const devices = [...ids].flatMap((id) => own.get(id) ?? [])
    if (devices.length === 0) checkDevices(own, wanted)
    c.header('Cache-Control', 'no-store')
    const { signal } = c.req.raw
    const instant = { at: at ?? now(), isPast: at !== undefined }
    const ask = () => askSparklines(historyStore, devices, instant, signal)
    return c.json(await inTurn(ask, signal), 200)
  })
}
