import { expect, test } from 'vitest'
import { branchesOf, countStatuses, regionsOf, statsOf } from '../../../api/stats.ts'
import { buildView } from '../../../api/view/build.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { AT, alertPoints, vectorsOf } from './fleet-vectors.ts'

const inventory = inventoryOf(
  device('a1', { branch: 'A', region: 'North' }),
  device('a2', { branch: 'A', region: 'North', parents: ['a1'] }),
  device('b1', { branch: 'B', region: 'North' }),
  device('b2', { branch: 'B', region: 'South' }),
  device('none', { branch: '', region: '' }),
  device('off', { branch: 'C', region: 'South', enabled: false }),
)
const view = buildView(
  inventory.current,
  {
    ...vectorsOf(
      { id: 'a1', up: false, sinceAgo: 600_000, sampleAgo: 0, loss: 1 },
      { id: 'a2', up: false, sinceAgo: 700_000, sampleAgo: 0, loss: 1 },
      { id: 'b1', up: true, sampleAgo: 2_000, rtt: 0.01, loss: 0 },
      { id: 'b2', up: true, sampleAgo: 4_000, rtt: 0.03, loss: 0 },
    ),
    alerts: [
      ...alertPoints({ alertname: 'DeviceDown', severity: 'critical', device: 'a1' }, 'firing', 0),
      ...alertPoints({ alertname: 'HighLatency', severity: 'warning', device: 'b2' }, 'pending', 0),
    ],
  },
  new Map(),
  AT,
)

test('disabled devices are counted apart', () => {
  expect(countStatuses(view.rows)).toEqual({
    total: 5,
    up: 2,
    down: 1,
    unreachable: 1,
    unknown: 1,
    disabled: 1,
  })
})

test('branches have their counts and their longest outages first', () => {
  expect(branchesOf(view)).toMatchObject([
    { branch: null, region: null, devices: { total: 1, unknown: 1 }, worst: [] },
    {
      branch: 'A',
      region: 'North',
      devices: { total: 2, down: 1, unreachable: 1 },
      worst: [
        { id: 'a2', status: 'unreachable', downtime_seconds: 700 },
        { id: 'a1', status: 'down', downtime_seconds: 600 },
      ],
    },
    { branch: 'B', region: null, devices: { total: 2, up: 2 } },
    { branch: 'C', region: 'South', devices: { total: 0, disabled: 1 } },
  ])
})

test('a branch says who deals with its outages, and since when they last', () => {
  const rows = view.rows.map((row) =>
    row.device.id === 'a2' ? { ...row, maintenance: { id: 'w', name: 'w', until: AT } } : row,
  )
  const ago = (ms: number) => new Date(AT - ms).toISOString()

  expect(branchesOf({ ...view, rows }).map(({ outages }) => outages)).toEqual([
    { open: 0, acknowledged: 0, maintenance: 0, oldest_since: null, newest_since: null },
    {
      open: 1,
      acknowledged: 0,
      maintenance: 1,
      oldest_since: ago(700_000),
      newest_since: ago(600_000),
    },
    { open: 0, acknowledged: 0, maintenance: 0, oldest_since: null, newest_since: null },
    { open: 0, acknowledged: 0, maintenance: 0, oldest_since: null, newest_since: null },
  ])
})

test('regions count their branches', () => {
  expect(regionsOf(view)).toMatchObject([
    { region: null, branches: 1 },
    { region: 'North', branches: 2, devices: { total: 3 } },
    { region: 'South', branches: 2, devices: { total: 1, disabled: 1 } },
  ])
})

test('F6 the mean round trip leaves out what did not answer', () => {
  expect(statsOf(view)).toMatchObject({
    as_of: new Date(AT).toISOString(),
    rtt_ms: { mean: 20, p95: 30 },
    alerts: { firing: 1, pending: 1, by_severity: { critical: 1 } },
    branches: { total: 2, affected: 1 },
    regions: { total: 2, affected: 1 },
    samples: { fresh: 4, late: 0, never: 1, newest_at: new Date(AT).toISOString(), age_seconds: 0 },
  })
})
