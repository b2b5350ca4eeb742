import { describe, expect, test } from 'vitest'
import { createAvailabilityWatch } from '../../../../alerting/availability/watch.ts'
import type { Mark } from '../../../../lib/blindness.ts'
import type { VictoriaMetrics } from '../../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { recordLog } from '../../../fakes/log.ts'

const T = Date.UTC(2026, 10, 22, 12)
const SECOND = 1_000
const signal = new AbortController().signal
const { current: inventory } = inventoryOf(device('a'), device('b'))

type Stored = {
  readonly id: string
  readonly at: number
  readonly up: boolean
  readonly vantage: string
}

/** VictoriaMetrics with the samples and marks that a test adds to it, and a watch over it. */
function stand() {
  const samples: Stored[] = []
  const marks: Mark[] = []
  const asked: string[] = []
  const isIn = ({ start, end }: { start: number; end: number }, at: number): boolean =>
    at >= start && at <= end
  const victoriaMetrics = {
    flush: async () => true,
    async query(expr: string, { at = 0 } = {}) {
      asked.push(expr)
      if (expr.startsWith('max by (device, vantage)'))
        return samples
          .filter((one) => one.at <= at)
          .map((one) => ({
            labels: { device: one.id, vantage: one.vantage },
            value: one.at / 1000,
            at,
          }))
      const gapMs = Number(/^min\(tfirst_over_time\(ping_up\{[^}]*\}\[(\d+)ms/.exec(expr)?.[1] ?? 0)
      const inGap = samples.filter((one) => one.at > at - gapMs && one.at <= at)
      const first = Math.min(...inGap.map((one) => one.at))
      return Number.isFinite(first) ? [{ labels: {}, value: first / 1000, at }] : []
    },
    async exportCsv(
      match: string,
      columns: readonly string[],
      range: { start: number; end: number },
    ) {
      asked.push(`export ${match} ${columns.join(',')}`)
      if (match === 'ping_up')
        return samples
          .filter(({ at }) => isIn(range, at))
          .map(({ id, at, up, vantage }) => {
            const by = columns.includes('vantage') ? `${vantage},` : ''
            return `${at},${Number(up)},${by}${id}\n`
          })
          .join('')
      if (!match.includes('wardline_vantage_blind')) return ''
      return marks
        .filter(({ at }) => isIn(range, at))
        .flatMap(({ vantage, at, since }) => [
          `${at},${since === null ? 0 : 1},wardline_vantage_blind,${vantage}\n`,
          ...(since === null
            ? []
            : [`${at},${since / 1000},wardline_vantage_blind_since_seconds,${vantage}\n`]),
        ])
        .join('')
    },
  }
  const watch = createAvailabilityWatch(
    victoriaMetrics as unknown as VictoriaMetrics,
    recordLog().log,
  )
  return {
    asked,
    /** Probes at these seconds after T. */
    probes(id: string, up: boolean, seconds: readonly number[], vantage = 'dc') {
      for (const second of seconds) samples.push({ id, at: T + second * SECOND, up, vantage })
    },
    blind(from: number, to: number, vantage = 'dc') {
      for (let at = from; at < to; at++)
        marks.push({ vantage, at: T + at * SECOND, since: T + from * SECOND })
    },
    sees: (second: number, vantage = 'dc') =>
      void marks.push({ vantage, at: T + second * SECOND, since: null }),
    async read(second: number) {
      const { fleet, transitions } = await watch.read(inventory, T + second * SECOND, signal)
      return {
        fleet,
        statuses: Object.fromEntries(fleet.statuses),
        transitions: transitions.map(({ device: id, state }) => [
          id,
          state?.up,
          ((state?.since ?? 0) - T) / SECOND,
        ]),
      }
    },
  }
}

const TURNS = [-20, -10, 0]

/** `a` and `b` answered up to T. */
function answering() {
  const all = stand()
  for (const id of ['a', 'b']) all.probes(id, true, TURNS)
  return all
}

test('in peace the marks cost their own export, and nobody asks who probed', async () => {
  const all = answering()
  all.sees(0)
  await all.read(2)
  all.asked.length = 0
  await all.read(4)
  expect(all.asked.filter((one) => one.includes('blind'))).toHaveLength(1)
  expect(all.asked.some((one) => /ping_up.*vantage/.test(one))).toBe(false)
})

describe('while a collector is blind', () => {
  test('no outage is confirmed, and every status is unknown (C13)', async () => {
    const all = answering()
    await all.read(2)
    all.blind(10, 45)
    for (const id of ['a', 'b']) all.probes(id, false, [10, 20, 30, 40])

    const { statuses, transitions, fleet } = await all.read(44)

    expect(transitions).toEqual([])
    expect(statuses).toEqual({ a: 'unknown', b: 'unknown' })
    expect(fleet.blind).toEqual([{ vantage: 'dc', since: T + 10 * SECOND, devices: 2 }])
    expect(fleet.seesSince('a')).toBe(Infinity)
  })

  test('an answer counts', async () => {
    const all = answering()
    await all.read(2)
    all.blind(10, 31)
    all.probes('b', true, [20])
    const { fleet } = await all.read(30)
    expect(fleet.evidence('b')?.lastSampleAt).toBe(T + 20 * SECOND)
  })

  test('samples come in, so that nothing is late', async () => {
    const all = answering()
    await all.read(2)
    all.blind(10, 60)
    for (const id of ['a', 'b']) all.probes(id, false, [10, 20, 30, 40, 50])
    const { fleet } = await all.read(55)
    expect(fleet.newestAt).toBe(T + 50 * SECOND)
    expect(fleet.evidence('a')).toEqual({
      state: { up: true, since: T - 20 * SECOND },
      lastSampleAt: T,
      voidAt: T + 50 * SECOND,
      isBlind: true,
    })
  })

  test('what another collector sees goes on to count', async () => {
    const all = answering()
    await all.read(2)
    all.blind(10, 45)
    all.probes('a', false, [10, 20, 30, 40])
    all.probes('b', false, [10, 12, 13, 14, 20, 30, 40], 'north')
    const { statuses, transitions } = await all.read(44)
    expect(transitions).toEqual([['b', false, 10]])
    expect(statuses).toEqual({ a: 'unknown', b: 'down' })
  })

  test('the answers of another collector to the same device count, in the same second too', async () => {
    const all = answering()
    await all.read(2)
    all.blind(10, 45)
    all.probes('a', false, [10, 20, 30, 40])
    all.probes('a', true, [10, 20, 30, 40], 'north')
    const { fleet } = await all.read(44)
    expect(fleet.evidence('a')?.lastSampleAt).toBe(T + 40 * SECOND)
  })

  test.each([
    ['up', true],
    ['down', false],
  ] as const)(
    'a device that another collector sees as well is %s throughout, whoever asked last',
    async (status, up) => {
      const all = answering()
      all.probes('a', true, TURNS, 'north')
      all.blind(10, 45)
      all.probes('a', false, [10, 20, 30, 40])
      all.probes('a', up, [14, 16, 17, 24, 34, 44], 'north')
      all.probes('b', false, [10, 20, 30, 40])
      for (const second of [25, 31, 35, 41, 44]) {
        const { statuses, fleet } = await all.read(second)
        expect([second, statuses]).toEqual([second, { a: status, b: 'unknown' }])
        expect(fleet.blind).toEqual([{ vantage: 'dc', since: T + 10 * SECOND, devices: 1 }])
        // Its windows hold samples that say nothing.
        expect(fleet.seesSince('a')).toBe(Infinity)
      }
    },
  )

  test('a device that another collector saw until it left it is unknown', async () => {
    const all = answering()
    all.probes('a', true, TURNS, 'north')
    all.blind(10, 90)
    for (const id of ['a', 'b']) all.probes(id, false, [10, 20, 30, 40, 50, 60, 70, 80])
    await all.read(20)
    expect((await all.read(82)).statuses).toEqual({ a: 'unknown', b: 'unknown' })
  })
})

describe('when it sees again', () => {
  test('what was down before is, since the same instant; all others are up', async () => {
    const all = answering()
    all.probes('b', false, [2, 4, 5, 6])
    expect((await all.read(8)).transitions).toContainEqual(['b', false, 2])
    all.blind(10, 40)
    all.sees(40)
    all.probes('a', false, [10, 20, 30])
    all.probes('b', false, [12, 22, 32, 42])
    all.probes('a', true, [40])

    const { statuses, transitions, fleet } = await all.read(43)

    expect(transitions).toEqual([])
    expect(statuses).toEqual({ a: 'up', b: 'down' })
    expect(fleet.evidence('b')?.state?.since).toBe(T + 2 * SECOND)
    expect(fleet.blind).toEqual([])
    expect(fleet.seesSince('a')).toBe(T + 40 * SECOND)
  })

  test('what went down meanwhile is down since the first probe that says so', async () => {
    const all = answering()
    await all.read(2)
    all.blind(10, 40)
    all.sees(40)
    all.probes('a', false, [10, 20, 30, 40, 42, 43, 44])
    expect((await all.read(45)).transitions).toEqual([['a', false, 40]])
  })

  test('a probe of its last moment counts that was taken for blind at first', async () => {
    const all = answering()
    await all.read(2)
    all.blind(10, 20)
    all.probes('a', false, [10, 20])
    await all.read(20)
    all.sees(20)
    all.probes('a', false, [22, 23])
    expect((await all.read(24)).transitions).toEqual([['a', false, 20]])
  })
})

describe('a mark that comes after the samples that it is about', () => {
  test('takes back what is no outage yet', async () => {
    const all = answering()
    for (const id of ['a', 'b']) all.probes(id, false, [10, 12])
    const { fleet } = await all.read(13)
    expect(fleet.isSuspect('a')).toBe(true)

    all.blind(10, 15)
    for (const id of ['a', 'b']) all.probes(id, false, [13, 14])
    const after = await all.read(14)

    expect(after.transitions).toEqual([])
    expect(after.fleet.isSuspect('a')).toBe(false)
    expect(after.statuses).toEqual({ a: 'unknown', b: 'unknown' })
  })

  test('also where that lies before what would be read again', async () => {
    const all = stand()
    all.probes('a', true, [-200])
    all.probes('a', false, [-100, -40])
    await all.read(-100)
    await all.read(0)
    all.blind(-110, 2)
    all.probes('a', false, [1])
    const { transitions, fleet } = await all.read(2)
    expect(transitions).toEqual([])
    expect(fleet.isSuspect('a')).toBe(false)
  })

  test('leaves failures of before it: they count with those after it', async () => {
    const all = answering()
    all.probes('a', false, [6, 8])
    await all.read(9)
    all.blind(10, 20)
    all.sees(20)
    all.probes('a', false, [10, 20])
    expect((await all.read(21)).transitions).toEqual([['a', false, 6]])
  })

  test('changes nothing of an outage that was confirmed before', async () => {
    const all = answering()
    all.probes('a', false, [10, 12, 13])
    expect((await all.read(14)).transitions).toContainEqual(['a', false, 10])
    all.blind(10, 16)
    const { transitions, fleet } = await all.read(16)
    expect(transitions).toEqual([])
    expect(fleet.evidence('a')?.state).toEqual({ up: false, since: T + 10 * SECOND })
  })
})
