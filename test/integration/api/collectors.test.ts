import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { collectorSchema } from '../../../api/collectors/schema.ts'
import { identityLabels } from '../../../lib/inventory.ts'
import type { Labels } from '../../../lib/labels.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type RunningApi, feed, slot, startApi } from './stand.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1_000 }
const [fast, slow, silent] = ['fast', 'slow', 'silent'].map((id) => device(id, { snmp }))

const now = slot(2)

let stores: Stores
let api: RunningApi

const own = (fields: Readonly<Record<string, number>>, labels: Labels = {}): Sample => {
  return { measurement: '', labels: { ...labels, instance: 'dc-1' }, fields, at: now }
}

function poll(of: typeof fast, seconds: number, errors: number): Sample[] {
  if (of === undefined) return []
  const fields = { up: Number(errors === 0), poll_seconds: seconds, pdus: 2, errors }
  return [{ measurement: 'snmp', labels: identityLabels(of), fields, at: now }]
}

beforeAll(async () => {
  stores = await startStores()
  await feed(stores.victoriaMetrics, [
    own({ wardline_build_info: 1 }, { component: 'collector', version: '1.2.3' }),
    own({ wardline_share_devices: 3, wardline_members: 4 }),
    {
      measurement: '',
      labels: { vantage: 'dc-1', site: 'tbilisi' },
      fields: { wardline_collector_info: 1 },
      at: now,
    },
    own({ wardline_collector_targets: 3 }, { kind: 'ping' }),
    own({ wardline_collector_targets: 2 }, { kind: 'snmp' }),
    own({ wardline_slots_missed_total: 4 }, { kind: 'ping' }),
    own({ wardline_slot_lag_seconds: 0.004 }, { kind: 'ping' }),
    own({ wardline_samples_stored_ratio: 0.9995 }, { vantage: 'dc-1' }),
    own({ wardline_writer_buffer_bytes: 0 }),
    own({ wardline_loop_last_success_timestamp_seconds: now / 1_000 }, { loop: 'ping' }),
    ...poll(fast, 0.02, 0),
    ...poll(slow, 1.5, 0),
    ...poll(silent, 5, 2),
  ])
  const devices = [fast, slow, silent].flatMap((each) => each ?? [])
  api = await startApi(stores, inventoryOf(...devices))
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

test('H1 the collectors are told from their own series, with what they poll slowest', async () => {
  const { status, body } = await api.get('/api/v1/collectors')

  expect(status).toBe(200)
  expect(z.array(collectorSchema).parse(body)).toEqual([
    {
      name: 'dc-1',
      version: '1.2.3',
      status: 'online',
      lag_seconds: 0.004,
      missed_slots: 4,
      stored_ratio: 0.9995,
      buffer_bytes: 0,
      last_success_at: new Date(now).toISOString(),
      targets: { ping: 3, snmp: 2 },
      site: 'tbilisi',
      share: { devices: 3, members: 4 },
      blind_since: null,
      slowest: [
        expect.objectContaining({ device: 'slow', poll_seconds: 1.5 }),
        expect.objectContaining({ device: 'fast', poll_seconds: 0.02 }),
      ],
    },
  ])
})

test('C13 one that has lost its network is blind, and since when', async () => {
  const since = now - 30_000
  await feed(stores.victoriaMetrics, [
    {
      measurement: '',
      labels: { vantage: 'dc-1' },
      fields: { wardline_vantage_blind: 1, wardline_vantage_blind_since_seconds: since / 1_000 },
      at: slot(),
    },
  ])
  await waitFor(
    async () => {
      const [told] = z.array(collectorSchema).parse((await api.get('/api/v1/collectors')).body)
      expect(told).toMatchObject({ status: 'blind', blind_since: new Date(since).toISOString() })
      return true
    },
    { what: 'the collector to be told as blind' },
  )
})
