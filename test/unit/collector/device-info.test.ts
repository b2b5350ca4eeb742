import { describe, expect, test } from 'vitest'
import { createDeviceInfo } from '../../../collector/device-info.ts'
import { offsetOf } from '../../../collector/plan.ts'
import type { Taken } from '../../../collector/share/share.ts'
import type { Device, SnmpSettings } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import type { VictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { STALE, type StaleSample } from '../../../lib/remote-write.ts'
import { manualClock, settle } from '../../fakes/clock.ts'
import { type MutableInventory, device, inventoryOf } from '../../fakes/inventory.ts'
import { recordLog } from '../../fakes/log.ts'

const NOON = Date.UTC(2026, 5, 1, 12)
const OFFSET = offsetOf('a', 300) * 1000
const MINUTES_5 = 300_000

const open = (...devices: readonly Device[]) => start(devices, async () => [])

async function start(
  devices: readonly Device[],
  query: VictoriaMetrics['query'],
  fleet?: MutableInventory,
) {
  const clock = manualClock(NOON)
  const inventory = inventoryOf(...devices)
  const written: Sample[] = []
  const ended: StaleSample[] = []
  const turns: number[] = []
  const stop = new AbortController()
  const takers = new Set<(taken: readonly Taken[]) => void>()
  const info = createDeviceInfo({
    inventory,
    ...(fleet === undefined ? {} : { fleet }),
    onTaken(listener) {
      takers.add(listener)
      return () => takers.delete(listener)
    },
    write: (samples) => void written.push(...samples),
    end: (markers) => void ended.push(...markers),
    success: (at) => void turns.push(at),
    victoriaMetrics: { query },
    clock,
    log: recordLog().log,
  })
  const running = info.run(stop.signal)
  await settle()
  return {
    clock,
    inventory,
    written,
    ended,
    turns,
    learn: info.learn,
    /** They are another collector's until now. */
    take(...own: readonly Device[]): void {
      inventory.replace(...own)
      const taken = own.map((each) => ({ device: each, since: NOON }))
      for (const taker of takers) taker(taken)
    },
    stamps: (id: string) =>
      written.filter(({ labels }) => labels['device'] === id).map(({ at }) => at - NOON),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

const labels = {
  device: 'a',
  branch: 'Vake',
  region: 'Tbilisi',
  name: 'a.example.net',
  address: '198.18.0.1',
  type: 'router',
  role: '',
  vendor: '',
  model: '',
}

const snmp: SnmpSettings = {
  modules: ['system'],
  credentials: ['v2c'],
  port: 161,
  intervalMs: 60_000,
  timeoutMs: 1_000,
}

describe('device_info', () => {
  test('is written at the start, then every 5 minutes in a second of its own', async () => {
    await using info = await open(device('a'))
    expect(info.written).toEqual([{ measurement: 'device', labels, fields: { info: 1 }, at: NOON }])
    await info.clock.advance(2 * MINUTES_5)
    expect(info.stamps('a')).toEqual([0, OFFSET, OFFSET + MINUTES_5])
    // It turns each second all the same.
    expect(info.turns).toHaveLength((2 * MINUTES_5) / 1_000 + 1)
    expect(info.ended).toEqual([])
  })

  test('keeps its label object while nothing changes: the encoder caches by it', async () => {
    await using info = await open(device('a'))
    info.inventory.replace(device('a'))
    await info.clock.advance(2 * MINUTES_5)
    expect(new Set(info.written.map((sample) => sample.labels)).size).toBe(1)
  })

  test.each<[string, Partial<Device>]>([
    ['is renamed', { name: 'b.example.net' }],
    ['moves to another branch', { branch: 'Gori' }],
    ['gets a new address', { address: '198.18.0.2' }],
    ['is another model', { model: 'X1' }],
  ])('of a device that %s is written at once, and its old series ends (F4)', async (_, change) => {
    await using info = await open(device('a'))
    info.inventory.replace(device('a', change))
    await info.clock.advance(1_000)
    const at = NOON + 1_000
    expect(info.written.slice(1)).toEqual([
      { measurement: 'device', labels: { ...labels, ...change }, fields: { info: 1 }, at },
    ])
    expect(info.ended).toEqual([
      { labels: { ...labels, __name__: 'device_info' }, value: STALE, at },
    ])
  })

  test('of a device whose other settings change stays one series', async () => {
    await using info = await open(device('a'))
    const ping = { intervalMs: 30_000, count: 1, timeoutMs: 500, confirm: 2 }
    info.inventory.replace(device('a', { ping, parents: ['b'], tags: ['x'] }))
    await info.clock.advance(1_000)
    expect(info.ended).toEqual([])
    expect(new Set(info.written.map((sample) => sample.labels)).size).toBe(1)
  })

  test('has what SNMP told, once it told it', async () => {
    const a = device('a')
    await using info = await open(a)
    info.learn(a, { sysName: 'core-1' })
    await info.clock.advance(1_000)
    expect(info.written[1]?.labels).toEqual({ ...labels, sysName: 'core-1' })
    expect(info.ended).toHaveLength(1)
    info.learn(a, { sysName: 'core-1' })
    await info.clock.advance(5_000)
    expect(info.written).toHaveLength(2)
    info.learn(a, { sysName: 'core-2' })
    await info.clock.advance(1_000)
    expect(info.ended.map((marker) => marker.labels['sysName'])).toEqual([undefined, 'core-1'])
  })

  test('lets no text of SNMP take the place of what the inventory says', async () => {
    const a = device('a')
    await using info = await open(a)
    info.learn(a, { name: 'impostor', device: 'b', sysName: 'core-1' })
    await info.clock.advance(1_000)
    expect(info.written[1]?.labels).toEqual({ ...labels, sysName: 'core-1' })
  })

  test('of a device that leaves ends, and starts without what SNMP had told when it comes again', async () => {
    const a = device('a')
    await using info = await open(a)
    info.learn(a, { sysName: 'core-1' })
    await info.clock.advance(1_000)
    info.inventory.replace()
    await info.clock.advance(1_000)
    expect(info.ended.at(-1)).toEqual({
      labels: { ...labels, sysName: 'core-1', __name__: 'device_info' },
      value: STALE,
      at: NOON + 2_000,
    })
    await info.clock.advance(MINUTES_5)
    const before = info.written.length
    info.inventory.replace(a)
    await info.clock.advance(1_000)
    expect(info.written.slice(before).map((sample) => sample.labels)).toEqual([labels])
  })

  test('of a device that is switched off goes on: it is still in the inventory', async () => {
    await using info = await open(device('a', { enabled: false }))
    await info.clock.advance(MINUTES_5)
    expect(info.stamps('a')).toEqual([0, OFFSET])
  })

  test('is late, not left out, when its second was slept over', async () => {
    await using info = await open(device('a'))
    await info.clock.advance(OFFSET - 2_000)
    await info.clock.freeze(4_500)
    expect(info.stamps('a')).toEqual([0, OFFSET + 2_000])
    await info.clock.advance(MINUTES_5)
    expect(info.stamps('a')).toEqual([0, OFFSET + 2_000, OFFSET + MINUTES_5])
  })

  test('is written once after an hour that was slept over (G1)', async () => {
    await using info = await open(device('a'))
    await info.clock.freeze(3_600_500)
    expect(info.stamps('a')).toHaveLength(2)
  })

  test('goes on when the clock was set back', async () => {
    await using info = await open(device('a'))
    await info.clock.advance(1_500)
    info.clock.set(NOON - 3_600_000)
    await info.clock.advance(2 * MINUTES_5)
    expect(info.stamps('a')).toEqual(
      [0, OFFSET, OFFSET + MINUTES_5].map((at, n) => (n === 0 ? at : at - 3_600_000)),
    )
  })

  test('of 10,000 devices is spread over the 5 minutes', async () => {
    await using info = await open(...Array.from({ length: 10_000 }, (_, n) => device(`d${n}`)))
    await info.clock.advance(1_000)
    const before = info.written.length
    await info.clock.advance(MINUTES_5)
    const bySecond = Map.groupBy(info.written.slice(before), ({ at }) => at)
    expect(Math.max(...[...bySecond.values()].map((some) => some.length))).toBeLessThan(80)
    expect(bySecond.size).toBe(300)
  })
})

describe('device_info after a restart', () => {
  const texts = { sysName: 'core-1', sysDescr: 'a switch', sysObjectID: '1.3.6.1' }
  const stored = (given: Record<string, string>) => ({
    labels: { __name__: 'device_info', ...withoutEmpty(labels), ...given },
    value: 1,
    at: NOON,
  })

  test('keeps what SNMP had told: the same series goes on', async () => {
    await using info = await start([device('a', { snmp })], async () => [stored(texts)])
    expect(info.written.map((sample) => sample.labels)).toEqual([{ ...labels, ...texts }])
    await info.clock.advance(1_000)
    info.learn(device('a', { snmp }), texts)
    await info.clock.advance(MINUTES_5)
    expect(info.ended).toEqual([])
  })

  test('ends the series whose labels are others by now, and keeps their texts', async () => {
    const olds = [stored({ ...texts, branch: 'Gori' }), stored({})]
    await using info = await start([device('a', { snmp })], async () => olds)
    expect(info.written.map((sample) => sample.labels)).toEqual([{ ...labels, ...texts }])
    expect(info.ended).toEqual(olds.map((old) => ({ labels: old.labels, value: STALE, at: NOON })))
    await info.clock.advance(MINUTES_5)
    expect(info.ended).toHaveLength(2)
  })

  test('of a device that has no SNMP any more is without its texts', async () => {
    await using info = await start([device('a')], async () => [stored(texts)])
    expect(info.written.map((sample) => sample.labels)).toEqual([labels])
    expect(info.ended.map((marker) => marker.labels['sysName'])).toEqual(['core-1'])
  })

  test('takes labels that a proxy added for no change, and does not write them', async () => {
    await using info = await start([device('a', { snmp })], async () => [
      stored({ ...texts, tenant: 'x' }),
    ])
    expect(info.written.map((sample) => sample.labels)).toEqual([{ ...labels, ...texts }])
    expect(info.ended).toEqual([])
  })

  test('leaves series of devices that are not in this inventory alone: they may be of another collector', async () => {
    await using info = await start([device('a')], async () => [stored({ device: 'b' })])
    expect(info.ended).toEqual([])
  })

  test('is written without the texts when VictoriaMetrics is away', async () => {
    await using info = await start([device('a', { snmp })], async () => {
      throw new Error('unreachable')
    })
    expect(info.written.map((sample) => sample.labels)).toEqual([labels])
  })

  test('has the texts of a poll that was quicker than VictoriaMetrics', async () => {
    const answer = Promise.withResolvers<[ReturnType<typeof stored>]>()
    const a = device('a', { snmp })
    await using info = await start([a], () => answer.promise)
    info.learn(a, { ...texts, sysName: 'core-2' })
    answer.resolve([stored(texts)])
    await info.clock.advance(1_000)
    expect(info.written.map((sample) => sample.labels['sysName'])).toEqual(['core-2'])
    expect(info.ended.map((marker) => marker.labels['sysName'])).toEqual(['core-1'])
  })
})

const withoutEmpty = (some: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(some).filter(([, text]) => text !== ''))

test('ends a series by the labels that it has: texts of several lines are stored as one', async () => {
  const a = device('a')
  await using info = await open(a)
  info.learn(a, { sysDescr: 'Some Software\r\nCopyright' })
  await info.clock.advance(1_000)
  info.learn(a, { sysDescr: 'Other Software' })
  await info.clock.advance(1_000)
  expect(info.ended.at(-1)?.labels['sysDescr']).toBe('Some Software Copyright')
})

describe('device_info of a device that several collectors have, one after the other', () => {
  const texts = { sysName: 'core-1' }
  const polled = device('a', { snmp })

  test('is not ended by the one that loses it, who writes it no more', async () => {
    await using info = await start([polled], async () => [], inventoryOf(polled))
    info.inventory.replace()
    await info.clock.advance(2 * MINUTES_5)
    expect(info.stamps('a')).toEqual([0])
    expect(info.ended).toEqual([])
  })

  test('is written on by the one that gets it, with what SNMP had told the one before', async () => {
    const answers = { rows: [] as Awaited<ReturnType<VictoriaMetrics['query']>> }
    await using info = await start([], async () => answers.rows, inventoryOf(polled))
    answers.rows = [
      { labels: { __name__: 'device_info', ...labels, ...texts }, value: 1, at: NOON },
    ]
    info.take(polled)
    await info.clock.advance(2_000)
    expect(info.written).toEqual([expect.objectContaining({ labels: { ...labels, ...texts } })])
    expect(info.ended).toEqual([])
  })

  test('is written without them where they can not be read', async () => {
    let isAway = false
    const query: VictoriaMetrics['query'] = async () => {
      if (isAway) throw new Error('VictoriaMetrics is away')
      return []
    }
    await using info = await start([], query, inventoryOf(polled))
    isAway = true
    info.take(polled)
    await info.clock.advance(2_000)
    expect(info.written).toEqual([expect.objectContaining({ labels })])
  })

  test('is ended where the inventory said something else meanwhile', async () => {
    const answers = { rows: [] as Awaited<ReturnType<VictoriaMetrics['query']>> }
    await using info = await start([], async () => answers.rows, inventoryOf(polled))
    const old = { ...labels, ...texts, branch: 'Gori' }
    answers.rows = [{ labels: { __name__: 'device_info', ...old }, value: 1, at: NOON }]
    info.take(polled)
    await info.clock.advance(2_000)
    expect(info.ended).toEqual([
      expect.objectContaining({ labels: { ...old, __name__: 'device_info' } }),
    ])
    expect(info.written).toEqual([expect.objectContaining({ labels: { ...labels, ...texts } })])
  })
})
