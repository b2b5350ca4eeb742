import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { branchSchema } from '../../../api/schemas.ts'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type RunningApi, feed, slot, startApi } from './stand.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 30_000, timeoutMs: 1_000 }
const UP = [1, 1] as const
const DOWN = [2, 1] as const
const SWITCHED_OFF = [2, 2] as const

let stores: Stores
let api: RunningApi
let router: Device
let count = 0
const inventory = inventoryOf()

beforeAll(async () => {
  stores = await startStores()
  api = await startApi(stores, inventory)
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})
beforeEach(() => {
  router = device(`router-${++count}`, { branch: `Branch ${count}`, snmp })
  inventory.replace(router)
})

/** What a poll writes: ifOperStatus and ifAdminStatus of each uplink that it could read. */
function poll(
  at: number,
  up: boolean,
  uplinks: Readonly<Record<string, readonly [oper: number, admin: number]>> = {},
): Sample[] {
  const labels = identityLabels(router)
  const rows = Object.entries(uplinks).map(([uplink, [ifOperStatus, ifAdminStatus]], index) => ({
    measurement: '',
    labels: { ...labels, uplink, ifIndex: String(index + 1), ifName: `wan${index + 1}` },
    fields: { ifOperStatus, ifAdminStatus },
    at,
  }))
  return [{ measurement: 'snmp', labels, fields: { up: Number(up) }, at }, ...rows]
}

/** The branch as the API tells it, once it is told so: `down: isp-a down, isp-b down`. */
async function outcome(expected: string) {
  return waitFor(
    async () => {
      const { body } = await api.get('/api/v1/branches')
      const branch = branchSchema.parse(body[0])
      const states = branch.uplinks.map(({ name, state }) => `${name} ${state}`)
      const told = `${branch.uplink_status}: ${states.join(', ')}`
      if (told !== expected) throw new Error(told)
      return branch
    },
    { what: expected },
  )
}

test('C12 five situations of two uplinks are five outcomes', async () => {
  const { victoriaMetrics } = stores
  await feed(victoriaMetrics, poll(slot(5), true, { 'isp-a': UP, 'isp-b': UP }))
  await outcome('ok: isp-a up, isp-b up')

  await feed(victoriaMetrics, poll(slot(4), true, { 'isp-a': DOWN, 'isp-b': UP }))
  await outcome('degraded: isp-a down, isp-b up')

  await feed(victoriaMetrics, poll(slot(3), true, { 'isp-a': UP, 'isp-b': DOWN }))
  await outcome('degraded: isp-a up, isp-b down')

  await feed(victoriaMetrics, poll(slot(2), true, { 'isp-a': DOWN, 'isp-b': DOWN }))
  await outcome('down: isp-a down, isp-b down')

  await feed(victoriaMetrics, poll(slot(1), true, { 'isp-a': SWITCHED_OFF, 'isp-b': UP }))
  await outcome('admin_down: isp-a admin_down, isp-b up')

  await feed(victoriaMetrics, poll(slot(), false))
  await outcome('unknown: isp-a unknown, isp-b unknown')
})

test('C12 an uplink of a device that is silent since yesterday is unknown, also to an API that starts now', async () => {
  const yesterday = slot(86_400)
  await feed(stores.victoriaMetrics, [
    ...poll(yesterday, true, { 'isp-a': UP }),
    ...poll(slot(1), false),
  ])
  await using later = await startApi(stores, inventory)

  await waitFor(
    async () => {
      const { body } = await later.get(`/api/v1/devices/${router.id}`)
      expect(body.uplinks).toMatchObject([{ name: 'isp-a', state: 'unknown', since: null }])
      return true
    },
    { what: 'the uplink' },
  )
})

test('since is the first poll that saw the state, before this API started or after', async () => {
  const since = slot(3_600)
  await feed(stores.victoriaMetrics, [
    ...poll(slot(7_200), true, { 'isp-a': UP }),
    ...poll(since, true, { 'isp-a': DOWN }),
    ...poll(slot(10), true, { 'isp-a': DOWN }),
  ])
  await using later = await startApi(stores, inventory)
  const told = (state: string, from: number) =>
    waitFor(
      async () => {
        const { body } = await later.get('/api/v1/branches')
        const iso = new Date(from).toISOString()
        expect(body[0].uplinks).toMatchObject([{ device: router.id, state, since: iso }])
        return true
      },
      { what: `${state} since ${from}` },
    )
  await told('down', since)

  const again = slot()
  await feed(stores.victoriaMetrics, poll(again, true, { 'isp-a': UP }))

  await told('up', again)
})

const page = await readFile(new URL('../../../docs/uplinks.md', import.meta.url), 'utf8')
const queries = [...page.matchAll(/^```promql\n# (.*)\n((?:.|\n)*?)^```$/gm)]

test.each(queries.map(([, title = '', query = '']) => ({ title, query })))(
  'the query of docs/uplinks.md has an answer: $title',
  async ({ query }) => {
    const [of] = poll(0, true, { 'isp-a': UP })
    const octets = [300, 240, 180, 120, 60, 0].map((secondsAgo, index) => ({
      measurement: '',
      labels: { ...of?.labels, uplink: 'isp-a', ifIndex: '1', ifName: 'wan1' },
      fields: { ifHCInOctets: index * 1e6, ifHighSpeed: 100 },
      at: slot(secondsAgo),
    }))
    const lost = poll(slot(), true, { 'isp-a': DOWN })
    await feed(stores.victoriaMetrics, [
      ...poll(slot(60), true, { 'isp-a': UP }),
      ...lost,
      ...octets,
    ])

    const vector = await stores.victoriaMetrics.query(query)

    expect(vector.map(({ labels }) => labels['branch'])).toContain(router.branch)
    expect(queries).toHaveLength(4)
  },
)
