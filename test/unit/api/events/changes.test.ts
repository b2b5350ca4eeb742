import { expect, test } from 'vitest'
import { changesBetween } from '../../../../api/events/changes.ts'
import { buildView } from '../../../../api/view/build.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import {
  AT,
  type Told,
  alertPoints,
  emptyVectors,
  pollPoints,
  uplinkPoints,
  vectorsOf,
} from '../fleet-vectors.ts'

const devices = [device('a'), device('b')]
const b: Told = { id: 'b', up: true, sampleAgo: 0 }
const viewOf = (
  a: Told,
  but: { alerts?: ReturnType<typeof alertPoints>; devices?: typeof devices } = {},
) =>
  buildView(
    inventoryOf(...(but.devices ?? devices)).current,
    { ...vectorsOf(a, b), alerts: but.alerts ?? [] },
    new Map(),
    AT,
  )
const before = viewOf({ id: 'a', up: true, sampleAgo: 5_000, rtt: 0.01, loss: 0 })

test.each<[string, ReturnType<typeof viewOf>, string[], string[]]>([
  [
    'a newer sample is no news',
    viewOf({ id: 'a', up: true, sampleAgo: 0, rtt: 0.5, loss: 0.5 }),
    [],
    [],
  ],
  ['a status', viewOf({ id: 'a', up: false, sampleAgo: 0 }), ['a'], []],
  [
    'a start of the same status',
    viewOf({ id: 'a', up: true, sinceAgo: 1_000, sampleAgo: 0 }),
    ['a'],
    [],
  ],
  ['samples that stopped', viewOf({ id: 'a', up: true, sampleAgo: 90_000 }), ['a'], []],
  [
    'an alert',
    viewOf(
      { id: 'a', up: true, sampleAgo: 0 },
      { alerts: alertPoints({ alertname: 'X', device: 'a' }, 'firing', 0) },
    ),
    ['a'],
    [],
  ],
  [
    'an entry of the inventory',
    viewOf(
      { id: 'a', up: true, sampleAgo: 0 },
      { devices: [device('a', { name: 'new' }), ...devices.slice(1)] },
    ),
    ['a'],
    [],
  ],
  [
    'a device that came and one that went',
    viewOf({ id: 'a', up: true, sampleAgo: 0 }, { devices: [...devices.slice(1), device('c')] }),
    ['c'],
    ['a'],
  ],
])('%s', (_title, after, changed, removed) => {
  const changes = changesBetween(before, after)

  expect(changes.rows.map((row) => row.device.id)).toEqual(changed)
  expect(changes.removed).toEqual(removed)
})

test('the state of an uplink is news, another poll of the same is not', () => {
  const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1 }
  const inventory = inventoryOf(device('r', { snmp })).current
  const labels = { device: 'r', uplink: 'isp-a', ifIndex: '1', ifName: 'wan' }
  const viewWith = (oper: number, ago: number) => {
    const polled = pollPoints('r', { up: true, ago })
    const uplinks = uplinkPoints(labels, { oper, ago })
    return buildView(inventory, { ...emptyVectors, ...polled, uplinks }, new Map(), AT)
  }

  expect(changesBetween(viewWith(1, 60_000), viewWith(1, 0)).rows).toEqual([])
  expect(changesBetween(viewWith(1, 60_000), viewWith(2, 0)).rows).toHaveLength(1)
})
