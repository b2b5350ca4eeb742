import { describe, expect, test } from 'vitest'
import { deviceJson } from '../../../../api/device-json.ts'
import { buildView } from '../../../../api/view/build.ts'
import type { Vectors } from '../../../../api/view/vectors.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { AT, type Told, alertPoints, emptyVectors, point, vectorsOf } from '../fleet-vectors.ts'

const viewOf = (devices: Device[], vectors: Vectors, seen = new Map<string, number>()) =>
  buildView(inventoryOf(...devices).current, vectors, seen, AT)
const rowOf = (told: Told, but: Partial<Device> = {}) => {
  const row = viewOf([device(told.id, but)], vectorsOf(told)).byId.get(told.id)
  if (row === undefined) throw new Error('the inventory has it')
  return row
}

describe('the status of one device', () => {
  test.each<[string, Told, string]>([
    ['A6 nothing is known', { id: 'd' }, 'unknown'],
    ['a state but no sample', { id: 'd', up: true }, 'unknown'],
    ['A6 a sample but no state yet', { id: 'd', sampleAgo: 1_000, loss: 0, rtt: 0.1 }, 'unknown'],
    ['a state and a sample within 2.5 intervals', { id: 'd', up: true, sampleAgo: 25_000 }, 'up'],
    ['A3 the newest sample is older', { id: 'd', up: true, sampleAgo: 25_001 }, 'unknown'],
    ['down', { id: 'd', up: false, sampleAgo: 1_000 }, 'down'],
  ])('%s', (_title, told, status) => {
    expect(rowOf(told).status).toBe(status)
  })

  test('A6 a disabled device has no since and no problems', () => {
    const alerts = alertPoints({ alertname: 'DeviceDown', device: 'd' }, 'firing', 5_000)
    const vectors = { ...vectorsOf({ id: 'd', up: false, sampleAgo: 1_000 }), alerts }

    const view = viewOf([device('d', { enabled: false })], vectors)

    expect(view.rows[0]).toMatchObject({ status: 'disabled', since: null, alerts: [] })
    expect(view.alerts).toEqual([])
  })
})

test('A6 a device that was switched off and on again is unknown until it has a state of its own', () => {
  const told = vectorsOf({ id: 'd', up: false, sinceAgo: 90_000, sampleAgo: 1_000 })
  const state = told.state.map((one) =>
    one.labels['__name__'] === 'device_state_up' ? { ...one, value: -1 } : one,
  )

  const row = viewOf([device('d')], { ...told, state }).byId.get('d')

  expect(row).toMatchObject({ status: 'unknown', since: null })
})

describe('figures', () => {
  test('B1 since is kept to the millisecond', () => {
    const row = rowOf({ id: 'd', up: false, sinceAgo: 86_399_877, sampleAgo: 1_000 })

    expect(row.since).toBe(AT - 86_399_877)
  })

  test('F6 a probe that nothing answered has no round-trip time', () => {
    const row = rowOf({ id: 'd', up: true, sampleAgo: 1_000, rtt: 0.02, loss: 1 })

    expect(row).toMatchObject({ rttSeconds: null, lossRatio: 1 })
  })

  test('what is too old to give a status gives no figures either', () => {
    const row = rowOf({ id: 'd', up: true, sampleAgo: 26_000, rtt: 0.02, loss: 0 })

    expect(row).toMatchObject({ since: null, rttSeconds: null, lossRatio: null })
    expect(row.lastSampleAt).toBe(AT - 26_000)
  })

  test.each([Number.NaN, Infinity, -Infinity])('F6 %s is no figure', (value) => {
    const row = rowOf({ id: 'd', up: true, sampleAgo: 1_000, rtt: value, loss: value })

    expect(row).toMatchObject({ rttSeconds: null, lossRatio: null })
  })

  test('F4 the series that was sampled last speaks for a device that moved', () => {
    const old = { branch: 'old', region: 'r', vantage: 'v' }
    const now = { branch: 'new', region: 'r', vantage: 'v' }
    const view = viewOf(
      [device('d')],
      vectorsOf(
        { id: 'd', sampleAgo: 12_000, loss: 1, labels: old },
        { id: 'd', up: true, sampleAgo: 2_000, loss: 0, rtt: 0.003, labels: now },
      ),
    )

    expect(view.rows).toHaveLength(1)
    expect(view.rows[0]).toMatchObject({
      lossRatio: 0,
      rttSeconds: 0.003,
      lastSampleAt: AT - 2_000,
    })
  })

  test('the last sample of a silent device is the one that was seen before', () => {
    const view = viewOf([device('d')], emptyVectors, new Map([['d', AT - 3_600_000]]))

    expect(view.rows[0]).toMatchObject({ status: 'unknown', lastSampleAt: AT - 3_600_000 })
  })

  test('series of devices that the inventory has not are no rows', () => {
    const view = viewOf([device('d')], vectorsOf({ id: 'ghost', up: false, sampleAgo: 0 }))

    expect(view.rows.map((row) => row.device.id)).toEqual(['d'])
  })

  test.each([
    [1, 'ok'],
    [0, 'failing'],
  ])('E5 snmp_up %i is %s, whatever ping says', (value, status) => {
    const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1 }
    const vectors = {
      ...vectorsOf({ id: 'd', up: false, sampleAgo: 0 }),
      snmp: [point(value, { __name__: 'snmp_up', device: 'd' })],
      snmpNewest: [point((AT - 30_000) / 1000, { device: 'd' })],
    }
    const view = viewOf([device('d', { snmp })], vectors)
    const [row] = view.rows
    if (row === undefined) throw new Error('the inventory has it')

    expect(deviceJson(row, view)).toMatchObject({
      status: 'down',
      snmp: { status, last_sample_at: new Date(AT - 30_000).toISOString() },
    })
  })
})

describe('causes', () => {
  const down = (id: string): Told => ({ id, up: false, sampleAgo: 0 })
  const up = (id: string): Told => ({ id, up: true, sampleAgo: 0 })
  const tree = [
    device('root'),
    device('left', { parents: ['root'] }),
    device('right'),
    device('leaf', { parents: ['left', 'right'] }),
  ]

  test.each<[string, Told[], string, string[]]>([
    [
      'the whole chain is down',
      ['root', 'left', 'right', 'leaf'].map(down),
      'unreachable',
      ['right', 'root'],
    ],
    ['one parent is up', [down('root'), down('left'), up('right'), down('leaf')], 'down', []],
    [
      'both parents are down, the root is up',
      [up('root'), down('left'), down('right'), down('leaf')],
      'unreachable',
      ['left', 'right'],
    ],
  ])('%s', (_title, told, status, causes) => {
    const row = viewOf(tree, vectorsOf(...told)).byId.get('leaf')

    expect(row).toMatchObject({ status, causes })
  })
})
