import { type OpenAPIHono, createRoute, z } from '@hono/zod-openapi'
import { answerView, answerWritten, stampView } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { inventoryFor } from '../auth/scope.ts'
import { deviceJson } from '../device-json.ts'
import { writeDevices } from '../device-list.ts'
import { amongDevices, deviceQuery } from '../device-query.ts'
import { type ApiEnv, createEndpoints } from '../endpoint.ts'
import { askHistory } from '../history/history.ts'
import { historyQuery, spanOf } from '../history/span.ts'
import { createTurns } from '../history/turns.ts'
import { atParameter } from '../instant.ts'
import { filterDevices, sortInSlices } from '../list-devices.ts'
import { knownDevice, noSuchDevice } from '../known-device.ts'
import { queryOf } from '../query-parameters.ts'
import { asked, fromView, noDevice } from '../responses.ts'
import { deviceSchema, historySchema } from '../schemas.ts'
import { inSlices } from '../../lib/slices.ts'
import { viewAsked } from '../view/asked.ts'

export const deviceParams = z.object({
  id: z.string().meta({ description: 'The id of a device', examples: ['gori-12'] }),
})

const tags = ['Devices']

const listRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/devices',
    tags,
    summary: 'Devices',
    description: "In the inventory's order unless sorted; `X-Total-Count` says how many match.",
    request: { query: deviceQuery(now) },
    responses: fromView('The devices that match', z.array(deviceSchema)),
  })

const oneRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/devices/{id}',
    tags,
    summary: 'One device',
    request: { params: deviceParams, query: queryOf({ at: atParameter(now) }) },
    responses: { ...fromView('The device', deviceSchema), ...noDevice },
  })

const historyRoute = (now: () => number) =>
  createRoute({
    method: 'get',
    path: '/devices/{id}/history',
    tags,
    summary: 'Its round-trip times, loss and outages',
    description: 'Either a `range` up to now, or `from` and `to`.',
    request: { params: deviceParams, query: historyQuery(now) },
    responses: { ...asked('In even steps', historySchema), ...noDevice },
  })

export function deviceRoutes(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { inventory, historyStore, view, clock } = parts
  const now = (): number => clock.now()
  const inTurn = createTurns(clock)

  return createEndpoints()
    .openapi(listRoute(now), async (c) => {
      const { at, fields, sort, limit, offset, status, q, ...names } = c.req.valid('query')
      const principal = c.get('principal')
      const devices = inventoryFor(inventory.current, principal)
      const filter = {
        status: status ?? null,
        branch: amongDevices(devices, 'branch', names.branch),
        region: amongDevices(devices, 'region', names.region),
        type: amongDevices(devices, 'type', names.type),
        q,
      }
      const current = await viewAsked(parts, principal, at)
      return answerWritten(c, current, clock, async (of) => {
        const found = filterDevices(of.rows, filter)
        const sorted = sort === undefined ? found : await inSlices(sortInSlices(found, sort))
        const page = sorted.slice(offset, limit === undefined ? undefined : offset + limit)
        return {
          bytes: await inSlices(writeDevices(page, of, fields ?? null)),
          total: found.length,
        }
      })
    })
    .openapi(oneRoute(now), async (c) => {
      const principal = c.get('principal')
      const own = { current: inventoryFor(inventory.current, principal) }
      const { id } = knownDevice(own, c.req.valid('param').id)
      const current = await viewAsked(parts, principal, c.req.valid('query').at)
      const row = current.byId.get(id)
      if (row === undefined) throw noSuchDevice(own, id)
      return answerView(c, current, clock, () => deviceJson(row, current))
    })
    .openapi(historyRoute(now), async (c) => {
      const span = spanOf(c.req.valid('query'), now())
      const own = { current: inventoryFor(inventory.current, c.get('principal')) }
      const device = knownDevice(own, c.req.valid('param').id)
      // Without a view nothing is told of a device: half an answer would look like a whole one.
      stampView(c, await view.current(), clock)
      c.header('Cache-Control', 'no-store')
      const { signal } = c.req.raw
      return c.json(await inTurn(() => askHistory(historyStore, device, span, signal), signal), 200)
    })
}
