import { expect, test } from 'vitest'
import { z } from 'zod'
import { statsSchema } from '../../../api/health-schema.ts'
import { branchSchema, deviceSchema, regionSchema, statusSchema } from '../../../api/schemas.ts'
import type { OpenApi } from '../../../api/openapi.ts'
import { STATUSES } from '../../../lib/status.ts'
import { UPLINK_STATES } from '../../../lib/uplink.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { AT, alertPoints, pollPoints, uplinkPoints, vectorsOf } from './fleet-vectors.ts'
import { standOver } from './stand.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1_000 }
const ODD_IDS = [
  'a b',
  'x/y?z#%',
  'ქუთაისი, №1 =🙂',
  `it's "quoted" \\ {b}|c`,
  '..',
  '__proto__',
  'é\u0301',
]

const polls = [
  pollPoints('up', { up: true, ago: 1_000 }),
  pollPoints('silent-snmp', { up: false, ago: 1_000 }),
  pollPoints('flapping', { up: true, ago: 1_000 }),
]
const uplink = (id: string, oper: number, { admin = 1, ago = 1_000 } = {}) =>
  uplinkPoints(
    { device: id, uplink: `isp-${oper}${admin}`, ifIndex: `${oper}${admin}` },
    { oper, admin, ago },
  )
const vectors = {
  ...vectorsOf(
    { id: 'up', up: true, sampleAgo: 1_000, rtt: 0.001, loss: 0 },
    { id: 'down', up: false, sampleAgo: 1_000, loss: 1 },
    { id: 'behind', up: false, sampleAgo: 1_000, loss: 1 },
    { id: 'silent-snmp', up: true, sampleAgo: 1_000, rtt: 0.001 },
    { id: 'flapping', up: true, sampleAgo: 1_000, loss: 0.5 },
    ...ODD_IDS.map((id) => ({ id, up: false, sampleAgo: 1_000, loss: 1 })),
  ),
  alerts: [
    ...alertPoints({ alertname: 'DeviceFlapping', device: 'flapping' }, 'firing', 5_000),
    ...alertPoints({ alertname: 'Odd', severity: '', device: 'down' }, 'pending', 5_000),
  ],
  snmp: polls.flatMap((poll) => poll.snmp),
  snmpNewest: polls.flatMap((poll) => poll.snmpNewest),
  uplinks: [
    ...uplink('up', 1),
    ...uplink('up', 2),
    ...uplink('up', 2, { admin: 2 }),
    ...uplink('silent-snmp', 1, { ago: 121_000 }),
  ],
}
const inventory = inventoryOf(
  device('up', { snmp, role: 'core', vendor: 'v', model: 'm', tags: ['t'] }),
  device('down', { origin: 'api' }),
  device('behind', { parents: ['down'], origin: 'both' }),
  device('silent-snmp', { snmp }),
  device('never-polled', { snmp }),
  device('flapping', { snmp }),
  device('off', { enabled: false }),
  device('bare', { name: '', branch: '', region: '', type: '' }),
  ...ODD_IDS.map((id) => device(id, { name: id, branch: id, region: id, tags: [id] })),
)
const { app } = await standOver(inventory, vectors)
const get = async (path: string): Promise<unknown> => (await app.request(path)).json()
const list = z.array(deviceSchema).parse(await get('/api/v1/devices'))

test('H1 every status, every state of SNMP and of uplinks, and every origin comes through', () => {
  expect(new Set(list.map(({ status }) => status))).toEqual(new Set(STATUSES))
  expect(new Set(list.map((one) => one.snmp?.status ?? null))).toEqual(
    new Set(['ok', 'failing', 'unknown', null]),
  )
  const states = list.flatMap(({ uplinks }) => uplinks.map(({ state }) => state))
  expect(new Set(states)).toEqual(new Set(UPLINK_STATES))
  expect(new Set(list.map(({ origin }) => origin))).toEqual(new Set(['file', 'api', 'both']))
  expect(new Set(list.flatMap(({ problems }) => problems.map(({ state }) => state)))).toEqual(
    new Set(['firing', 'pending']),
  )
})

test('H1 what can be null is, where it is not known, and nothing else', async () => {
  const nullable = Object.entries(deviceSchema.shape)
    .filter(([, schema]) => schema.safeParse(null).success)
    .map(([name]) => name)
  const isNull = (name: string) => list.some((one) => one[name as keyof typeof one] === null)

  expect(nullable.filter((name) => !isNull(name))).toEqual([])
  expect(Object.keys(deviceSchema.shape).filter(isNull).toSorted()).toEqual(nullable.toSorted())
})

test.each(ODD_IDS)('H1 the id %s is asked for, found and told as it is', async (id) => {
  const path = `/api/v1/devices/${encodeURIComponent(id)}`
  // A URL has no segment of two dots: whoever sends one means the one above.
  if (id !== '..') expect(deviceSchema.parse(await get(path))).toMatchObject({ id, name: id })
  const found = z
    .array(deviceSchema)
    .parse(await get(`/api/v1/devices?branch=${encodeURIComponent(id)}`))
  expect(found.map((one) => one.id)).toEqual([id])
})

test('H1 each status is a filter, and they part the fleet', async () => {
  const parts = await Promise.all(
    statusSchema.options.map(async (status) => {
      const part = z.array(deviceSchema).parse(await get(`/api/v1/devices?status=${status}`))
      expect(part.every((one) => one.status === status)).toBe(true)
      return part.length
    }),
  )

  expect(parts.reduce((sum, length) => sum + length, 0)).toBe(list.length)
})

test('H1 the published schema says of each member what it may be, null included', async () => {
  const { components } = (await get('/api/openapi.json')) as OpenApi
  const published = components.schemas['Device']

  expect(Object.keys(published?.properties ?? {})).toEqual(Object.keys(deviceSchema.shape))
  expect(published?.required?.toSorted()).toEqual(Object.keys(deviceSchema.shape).toSorted())
  expect(published?.properties?.['status']?.enum).toEqual([...STATUSES])
  expect(published?.properties?.['branch']?.type).toEqual(['string', 'null'])
})

test('H1 what sums up the fleet keeps its contract over the same fleet', async () => {
  expect(z.array(branchSchema).parse(await get('/api/v1/branches')).length).toBeGreaterThan(7)
  expect(z.array(regionSchema).parse(await get('/api/v1/regions')).length).toBeGreaterThan(7)
  expect(statsSchema.parse(await get('/api/v1/dashboard/stats')).as_of).toBe(
    new Date(AT).toISOString(),
  )
})

test.each([
  ['/api/v1/devices/nobody', 404],
  ['/api/v1/devices/nobody/history', 404],
  ['/api/v1/devices/nobody/explain', 404],
  ['/api/v1/devices?status=odd', 400],
  ['/api/v1/devices?branch=nowhere', 400],
  ['/api/v1/devices?at=tomorrow', 400],
  ['/api/v1/devices/up/history?range=2h', 400],
  ['/api/v1/nothing', 404],
])('H1 %s is a %d with a problem', async (path, status) => {
  const response = await app.request(path)

  expect(response.status).toBe(status)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(await response.json()).toMatchObject({ status, detail: expect.any(String) })
})
