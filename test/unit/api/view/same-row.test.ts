import { expect, test } from 'vitest'
import { type DeviceRow, buildView } from '../../../../api/view/build.ts'
import type { Vectors } from '../../../../api/view/vectors.ts'
import { NOTHING_DECIDED } from '../../../../lib/decisions/decided.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import {
  AT,
  type Told,
  alertPoints,
  pollPoints,
  uplinkPoints,
  vectorsOf,
} from '../fleet-vectors.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1_000 }
const router = device('r', { snmp })
const inventory = inventoryOf(router)

function vectors(but: Partial<Vectors> = {}): Vectors {
  return {
    ...vectorsOf({ id: 'r', up: true, sampleAgo: 1_000, rtt: 0.01, loss: 0 }),
    ...pollPoints('r', { up: true, ago: 4_000 }),
    alerts: alertPoints({ alertname: 'A', device: 'r' }, 'firing', 5_000),
    uplinks: uplinkPoints({ device: 'r', uplink: 'isp', ifIndex: '2' }, { oper: 1, ago: 4_000 }),
    ...but,
  }
}

const viewOf = (given: Vectors, before: ReturnType<typeof buildView> | null = null) =>
  buildView(inventory.current, given, new Map(), AT, new Map(), { before })
const rowOf = (view: ReturnType<typeof buildView>): DeviceRow | undefined => view.byId.get('r')

test('a row in which nothing changed is the same object in the next view', () => {
  const before = viewOf(vectors())

  expect(rowOf(viewOf(vectors(), before))).toBe(rowOf(before))
})

/** What the newest ping and the kept state say. */
function pinged(told: Partial<Told>): Partial<Vectors> {
  const usual = { id: 'r', up: true, sampleAgo: 1_000, rtt: 0.01, loss: 0 }
  const { state, newest, echoes } = vectorsOf({ ...usual, ...told })
  return { state, newest, echoes }
}
const isp = { device: 'r', uplink: 'isp', ifIndex: '2' }
const alarm = { alertname: 'A', device: 'r' }

test.each<[string, Partial<Vectors>]>([
  ['a newer sample', pinged({ sampleAgo: 500 })],
  ['another round-trip time', pinged({ rtt: 0.02 })],
  ['loss', pinged({ loss: 0.5 })],
  ['another status', pinged({ up: false })],
  ['another start', pinged({ sinceAgo: 9 })],
  ['a poll that failed', pollPoints('r', { up: false, ago: 4_000 })],
  ['a newer poll', pollPoints('r', { up: true, ago: 3_000 })],
  ['an alert that went', { alerts: [] }],
  ['an alert that began later', { alerts: alertPoints(alarm, 'firing', 4_000) }],
  ['an uplink that went down', { uplinks: uplinkPoints(isp, { oper: 2, ago: 4_000 }) }],
])('%s makes another row', (_title, but) => {
  const before = viewOf(vectors())

  expect(rowOf(viewOf(vectors(but), before))).not.toBe(rowOf(before))
})

test('so does what people decided, and another entry in the inventory', () => {
  const before = viewOf(vectors())
  const matchers = [{ name: 'device', value: 'r', isRegex: false, isEqual: true }]
  const schedule = { kind: 'once' as const, startsAt: AT - 1, endsAt: AT + 1 }
  const about = { createdBy: 'ann', comment: '', updatedAt: AT }
  const windows = [{ id: 'w', name: 'works', matchers, schedule, ...about }]
  const decided = { ...NOTHING_DECIDED, windows }
  const covered = buildView(inventory.current, vectors(), new Map(), AT, new Map(), {
    before,
    decided,
  })
  const renamed = inventoryOf(device('r', { snmp, name: 'other' })).current
  const moved = buildView(renamed, vectors(), new Map(), AT, new Map(), { before })

  expect(rowOf(covered)?.maintenance).toEqual({ id: 'w', name: 'works', until: AT + 1 })
  expect(rowOf(covered)).not.toBe(rowOf(before))
  expect(rowOf(moved)).not.toBe(rowOf(before))
})
