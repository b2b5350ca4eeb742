import { Hono } from 'hono'
import { STATUSES } from '../../lib/status.ts'
import { answerView, stampView } from '../answer.ts'
import type { ApiParts } from '../app.ts'
import { deviceJson } from '../device-json.ts'
import { askHistory } from '../history/history.ts'
import { RANGES } from '../history/ranges.ts'
import { createTurns } from '../history/turns.ts'
import { SORTS, type Sort, filterDevices, sortDevices } from '../list-devices.ts'
import { knownDevice, noSuchDevice } from '../known-device.ts'
import {
  anyKnown,
  anyOf,
  freeText,
  oneOf,
  readParameters,
  wholeNumber,
} from '../query-parameters.ts'
import { type DeviceJson, deviceSchema } from '../schemas.ts'

const FIELDS = Object.keys(deviceSchema.shape) as (keyof DeviceJson)[]

export function deviceRoutes({ view, inventory, historyStore, clock }: ApiParts): Hono {
  const inTurn = createTurns(clock)
  const valuesOf = (key: 'branch' | 'region' | 'type') =>
    anyKnown(() => [...inventory.current.values()].map((device) => device[key]))
  const listParameters = {
    status: anyOf(STATUSES),
    branch: valuesOf('branch'),
    region: valuesOf('region'),
    type: valuesOf('type'),
    q: freeText,
    sort: oneOf<Sort | ''>(SORTS, ''),
    fields: anyOf(FIELDS),
    limit: wholeNumber({ min: 1, max: 100_000 }, null),
    offset: wholeNumber({ min: 0, max: 10_000_000 }, 0),
  }

  return new Hono()
    .get('/devices', async (c) => {
      const asked = readParameters(c.req.url, listParameters)
      const current = await view.current()
      const found = filterDevices(current.rows, asked)
      const sorted = asked.sort === '' ? found : sortDevices(found, asked.sort)
      const end = asked.limit === null ? undefined : asked.offset + asked.limit
      c.header('X-Total-Count', String(found.length))
      return answerView(c, current, clock, () =>
        sorted.slice(asked.offset, end).map((row) => {
          const json = deviceJson(row, current)
          return asked.fields === null ? json : pick(json, asked.fields)
        }),
      )
    })
    .get('/devices/:id', async (c) => {
      readParameters(c.req.url, {})
      const { id } = knownDevice(inventory, c.req.param('id'))
      const current = await view.current()
      const row = current.byId.get(id)
      if (row === undefined) throw noSuchDevice(inventory, id)
      return answerView(c, current, clock, () => deviceJson(row, current))
    })
    .get('/devices/:id/history', async (c) => {
      const { range } = readParameters(c.req.url, { range: oneOf(RANGES, '24h') })
      const device = knownDevice(inventory, c.req.param('id'))
      // Without a view nothing is told of a device: half an answer would look like a whole one.
      stampView(c, await view.current(), clock)
      c.header('Cache-Control', 'no-store')
      const { signal } = c.req.raw
      const ask = () => askHistory(historyStore, device, range, clock.now(), signal)
      return c.json(await inTurn(ask, signal))
    })
}

function pick(json: DeviceJson, fields: readonly (keyof DeviceJson)[]): Partial<DeviceJson> {
  return Object.fromEntries(fields.map((field) => [field, json[field]]))
}
