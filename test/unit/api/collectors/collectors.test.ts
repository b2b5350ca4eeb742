import { expect, test } from 'vitest'
import { z } from 'zod'
import { type CollectorJson, collectorSchema } from '../../../../api/collectors/schema.ts'
import { collectorRoutes } from '../../../../api/routes/collectors.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import type { Labels } from '../../../../lib/labels.ts'
import { acting, someone } from '../acting.ts'
import { AT, emptyVectors, point } from '../fleet-vectors.ts'
import { standOver } from '../stand.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1_000 }
const inventory = inventoryOf(
  device('r1', { snmp, region: 'East' }),
  device('r2', { snmp, region: 'West' }),
)

const own = (name: string, instance: string, value: number, labels: Labels = {}) =>
  point(value, { __name__: name, instance, ...labels })

const vectors = {
  ...emptyVectors,
  own: [
    ...['c1', 'c2'].flatMap((instance) => [
      own('wardline_collector_targets', instance, 400, { kind: 'ping' }),
      own('wardline_collector_targets', instance, 30, { kind: 'snmp' }),
      own('wardline_slots_missed_total', instance, 2, { kind: 'ping' }),
      own('wardline_slot_lag_seconds', instance, 0.01, { kind: 'ping' }),
      own('wardline_samples_stored_ratio', instance, 0.999, { vantage: instance }),
      own('wardline_writer_buffer_bytes', instance, 0),
    ]),
    own('wardline_loop_last_success_timestamp_seconds', 'c1', AT / 1_000, { loop: 'ping' }),
    own('wardline_loop_last_success_timestamp_seconds', 'c2', AT / 1_000 - 90, { loop: 'ping' }),
  ],
}

const place = ({ id, branch, region }: { id: string; branch: string; region: string }) => {
  return { device: id, branch, region }
}
const slow = [...inventory.current.values()].flatMap((each, index) => [
  point(2 - index, { __name__: 'snmp_poll_seconds', ...place(each) }),
  point(4, { __name__: 'snmp_pdus', ...place(each) }),
  point(0, { __name__: 'snmp_errors', ...place(each) }),
])
const facts = [
  own('wardline_build_info', 'c1', 1, { component: 'collector', version: '1.2.3' }),
  own('wardline_share_devices', 'c1', 400),
  own('wardline_members', 'c1', 2),
  own('wardline_share_devices', 'c2', 390),
  own('wardline_members', 'c2', 2),
  own('wardline_snmp_poll_seconds', 'c1', 2, { device: 'r1' }),
  own('wardline_snmp_poll_seconds', 'c2', 1, { device: 'r2' }),
]

async function collectors(principal = someone('viewer')): Promise<CollectorJson[]> {
  const stand = await standOver(inventory, vectors, {
    query: async (expr) => (expr.includes('wardline_build_info') ? facts : slow),
  })
  const { status, body } = await acting(
    stand.parts,
    principal,
    collectorRoutes,
  )('GET', '/collectors')
  expect({ status, body }).toMatchObject({ status: 200 })
  return z.array(collectorSchema).parse(body)
}

test('H1 each is told with its version, how it keeps up, and what it polls slowest', async () => {
  const [first, second] = await collectors()

  expect(first).toMatchObject({
    name: 'c1',
    version: '1.2.3',
    status: 'online',
    lag_seconds: 0.01,
    missed_slots: 2,
    stored_ratio: 0.999,
    buffer_bytes: 0,
    last_success_at: new Date(AT).toISOString(),
    targets: { ping: 400, snmp: 30 },
    site: '',
    share: { devices: 400, members: 2 },
    blind_since: null,
    slowest: [{ device: 'r1', poll_seconds: 2, pdus: 4 }],
  })
  expect(second).toMatchObject({
    name: 'c2',
    version: null,
    status: 'late',
    slowest: [{ device: 'r2' }],
  })
})

test('H5 who is of the region West sees its slow devices, and how many no others', async () => {
  const scope = { regions: ['West'], branches: [] }
  const told = await collectors(someone('viewer', scope))

  expect(told.flatMap(({ slowest }) => slowest.map((poll) => poll.device))).toEqual(['r2'])
  expect(told.map(({ targets }) => targets)).toEqual([
    { ping: null, snmp: null },
    { ping: null, snmp: null },
  ])
  expect(told.map(({ share }) => share)).toEqual([
    { devices: null, members: 2 },
    { devices: null, members: 2 },
  ])
})
