import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { slowPollSchema } from '../../../api/schemas.ts'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type RunningApi, feed, slot, startApi } from './stand.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 10_000 }
const GORI = 'Gori "old" (1|2), ქ\\'
const fleet = [
  device('slow', { snmp, branch: GORI }),
  device('slower', { snmp }),
  device('quick', { snmp, branch: '' }),
  device('dead', { snmp }),
]
/** As slow as one another. */
const TWINS = 'Twins'
const twins = Array.from({ length: 30 }, (_, n) => device(`twin-${n}`, { snmp, branch: TWINS }))

/** Polls a minute apart, the newest first. */
const polls = (
  of: Device | undefined,
  seconds: readonly number[],
  pdus = 10,
  errors = 0,
): Sample[] =>
  seconds.map((poll_seconds, minute) => ({
    measurement: 'snmp',
    labels: identityLabels(of ?? device('none')),
    fields: { poll_seconds, pdus, errors },
    at: slot(minute * 60 + 1),
  }))

let stores: Stores
let api: RunningApi
beforeAll(async () => {
  stores = await startStores()
  const [slow, slower, quick, dead] = fleet
  await feed(stores.victoriaMetrics, [
    ...polls(slow, [2, 4, 6]),
    ...polls(slower, [9, 1], 40, 3),
    ...polls(quick, [0.02, 60]),
    ...polls(dead, [10, 10], 1, 1),
    ...twins.flatMap((twin) => polls(twin, [0.01])),
  ])
  api = await startApi(stores, inventoryOf(...fleet, ...twins))
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

async function slowest(query = '') {
  const { status, body } = await api.get(`/api/v1/snmp/slowest${query}`)
  expect(status).toBe(200)
  return z.array(slowPollSchema).parse(body)
}

test('devices are told by their last poll, the slowest first; silent ones are not slow', async () => {
  const rows = await slowest('?limit=3')

  expect(rows.map((row) => row.device)).toEqual(['slower', 'slow', 'quick'])
  expect(rows[0]).toEqual({
    device: 'slower',
    name: 'slower.example.net',
    address: '198.18.0.1',
    branch: 'Vake',
    region: 'Tbilisi',
    poll_seconds: 9,
    mean_seconds: 5,
    pdus: 40,
    errors: 3,
    interval_seconds: 60,
  })
  expect(rows[1]).toMatchObject({ poll_seconds: 2, mean_seconds: 4 })
})

test('as many as are asked for', async () => {
  expect((await slowest('?limit=1')).map((row) => row.device)).toEqual(['slower'])
})

test.each([
  [GORI, ['slow']],
  ['', ['quick']],
  ['Vake', ['slower']],
])('F2 of the branch %j alone', async (branch, devices) => {
  const rows = await slowest(`?branch=${encodeURIComponent(branch)}`)

  expect(rows.map((row) => row.device)).toEqual(devices)
})

test('of several branches, and of a region', async () => {
  const rows = await slowest(`?branch=&branch=${encodeURIComponent(GORI)}&region=Tbilisi`)

  expect(rows.map((row) => row.device)).toEqual(['slow', 'quick'])
})

test('a branch that no device has is a 400', async () => {
  const { status, body } = await api.get('/api/v1/snmp/slowest?branch=Gory')

  expect(status).toBe(400)
  expect(body).toMatchObject({ parameter: 'branch' })
})

test('of those that are equally slow each has its own figures, however many are asked for', async () => {
  const rows = await slowest(`?branch=${TWINS}&limit=5`)

  expect(rows.map((row) => row.device)).toEqual([0, 1, 2, 3, 4].map((n) => `twin-${n}`))
  for (const row of rows) expect(row).toMatchObject({ pdus: 10, errors: 0, mean_seconds: 0.01 })
})
