import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type InterfaceHistoryJson,
  type InterfaceJson,
  interfaceHistorySchema,
  interfaceSchema,
} from '../../../api/interfaces/schema.ts'
import { identityLabels } from '../../../lib/inventory.ts'
import type { Labels } from '../../../lib/labels.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type RunningApi, feed, slot, startApi } from './stand.ts'

const MINUTE = 60_000
const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: MINUTE, timeoutMs: 1_000 }
const router = device('router "1"', { snmp })
const silent = device('silent', { snmp })
const plain = device('plain')

const now = slot()
const iso = (at: number): string => new Date(at).toISOString()
const GI1 = { ifIndex: '1', ifName: 'Gi0/1', ifAlias: 'WAN: A', uplink: 'isp-a' }
const OLD = { ifIndex: '2', ifDescr: 'Ethernet 2' }
const GONE = { ifIndex: '3', ifName: 'Gi0/3' }

let stores: Stores
let api: RunningApi
let asked = 0

const poll = (own: Labels, at: number, fields: Readonly<Record<string, number>>): Sample => {
  return { measurement: '', labels: { ...identityLabels(router), ...own }, fields, at }
}

/** 40 minutes of polls. The agent of Gi0/1 starts again 20 minutes ago: its counters begin anew. */
function polls(): Sample[] {
  const samples: Sample[] = []
  for (let minute = 40; minute >= 0; minute--) {
    const at = now - minute * MINUTE
    const octets = (minute > 20 ? 40 - minute : 20 - minute) * 60 * 1_000
    const errors = (40 - minute) * 30
    samples.push(
      poll(GI1, at, {
        ifAdminStatus: 1,
        ifOperStatus: minute > 10 ? 1 : 2,
        ifHighSpeed: 100,
        ifHCInOctets: octets,
        ifHCOutOctets: 2 * octets,
        ifInErrors: errors,
      }),
      poll(OLD, at, { ifAdminStatus: 2, ifOperStatus: 2, ifInOctets: (40 - minute) * 600 }),
    )
    if (minute >= 30) samples.push(poll(GONE, at, { ifAdminStatus: 1, ifOperStatus: 1 }))
  }
  for (const minute of [62, 61, 60]) {
    const labels = { ...identityLabels(silent), ...GI1 }
    const fields = { ifOperStatus: 1, ifHCInOctets: 1_000 }
    samples.push({ measurement: '', labels, fields, at: now - minute * MINUTE })
  }
  return samples
}

beforeAll(async () => {
  stores = await startStores()
  await feed(stores.victoriaMetrics, polls())
  const counting = (vm: VictoriaMetrics): VictoriaMetrics => ({
    ...vm,
    query(expr, options) {
      if (expr.includes('ifIndex')) asked++
      return vm.query(expr, options)
    },
    queryRange(expr, ...rest) {
      asked++
      return vm.queryRange(expr, ...rest)
    },
    separate: (connections) => counting(vm.separate(connections)),
  })
  const victoriaMetrics = counting(connectVictoriaMetrics(stores.vmUrl))
  api = await startApi(stores, inventoryOf(router, silent, plain), { victoriaMetrics })
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

const pathOf = (id: string): string => `/api/v1/devices/${encodeURIComponent(id)}/interfaces`

async function interfaces(query = ''): Promise<InterfaceJson[]> {
  const { status, body } = await api.get(pathOf(router.id) + query)
  expect({ status, body }).toMatchObject({ status: 200 })
  return z.array(interfaceSchema).parse(body)
}

async function history(index: number, query = '?range=30m'): Promise<InterfaceHistoryJson> {
  const { status, body } = await api.get(`${pathOf(router.id)}/${index}/history${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return interfaceHistorySchema.parse(body)
}

describe('H1 the interfaces of a device', () => {
  test('are told as the last poll had them', async () => {
    expect(await interfaces()).toEqual([
      {
        index: 1,
        name: 'Gi0/1',
        alias: 'WAN: A',
        admin: 'up',
        oper: 'down',
        speed_bps: 1e8,
        in_bps: 8_000,
        out_bps: 16_000,
        in_errors_per_second: 0.5,
        out_errors_per_second: null,
        in_discards_per_second: null,
        out_discards_per_second: null,
        uplink: 'isp-a',
        last_change_at: iso(now - 10 * MINUTE),
      },
      expect.objectContaining({
        index: 2,
        name: 'Ethernet 2',
        admin: 'down',
        in_bps: 80,
        out_bps: null,
        speed_bps: null,
        uplink: null,
        last_change_at: null,
      }),
    ])
  })

  test('at a past instant are those of then', async () => {
    const then = await interfaces(`?at=${iso(now - 35 * MINUTE)}`)

    expect(then.map(({ index, oper }) => [index, oper])).toEqual([
      [1, 'up'],
      [2, 'down'],
      [3, 'up'],
    ])
  })

  test('of one that is silent are told without figures', async () => {
    const { body } = await api.get(pathOf('silent'))

    expect(z.array(interfaceSchema).parse(body)).toMatchObject([
      { index: 1, name: 'Gi0/1', alias: 'WAN: A', oper: null, in_bps: null, uplink: 'isp-a' },
    ])
  })

  test('are none of one that is not polled; of one that there is not, a 404', async () => {
    expect((await api.get(pathOf('plain'))).body).toEqual([])
    expect((await api.get(pathOf('plian'))).body).toMatchObject({ status: 404, nearest: 'plain' })
  })
})

describe('H1 the history of an interface', () => {
  test('E2 has the rates, over a restart of the counters too', async () => {
    const told = await history(1)
    const values = told.series.in_bps.map(([, value]) => value)

    expect(told).toMatchObject({
      device: router.id,
      index: 1,
      name: 'Gi0/1',
      range: '30m',
      step_seconds: 60,
    })
    expect(told.series.in_bps).toHaveLength(30)
    expect(values.every((value) => value !== null && value >= 0 && value < 20_000)).toBe(true)
    expect(values.slice(-10)).toEqual(Array(10).fill(8_000))
    expect(told.series.in_errors.at(-1)).toEqual([told.end, 0.5])
    expect(told.series.out_errors.every(([, value]) => value === null)).toBe(true)
  })

  test('of 32-bit counters is the same', async () => {
    expect((await history(2)).series.in_bps.at(-1)?.[1]).toBe(80)
  })

  test.each([
    [9, '', 404],
    [1, '?range=1y', 400],
    ['one', '', 400],
  ])('of %s%s is a %i', async (index, query, status) => {
    const path = `${pathOf(router.id)}/${index}/history${query}`

    expect((await api.get(path)).status).toBe(status)
  })
})

test('F1 one question tells all interfaces, two the history of one', async () => {
  asked = 0
  await interfaces()
  expect(asked).toBe(1)
  await history(1)
  expect(asked).toBe(3)
})
