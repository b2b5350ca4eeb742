import { describe, expect, test } from 'vitest'
import { availabilityRules } from '../../../../alerting/rules/availability.ts'
import type { EvaluationContext, Result } from '../../../../alerting/rule.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { type Seen, fleetOf } from '../../../fakes/fleet.ts'
import { device } from '../../../fakes/inventory.ts'

const SECOND = 1_000
const NOW = 1_790_000_000_000

const up = (sinceAgo = 3_600): Seen => ({ state: { up: true, since: NOW - sinceAgo * SECOND } })
const down = (sinceAgo: number): Seen => ({ state: { up: false, since: NOW - sinceAgo * SECOND } })

type Given = {
  readonly devices: readonly Device[]
  readonly seen?: Readonly<Record<string, Seen>>
  readonly firing?: readonly string[]
  readonly newestAt?: number | null
  readonly watchedSince?: (id: string) => number
}

function contextOf({
  devices,
  seen = {},
  firing = [],
  newestAt = NOW - SECOND,
  watchedSince = () => 0,
}: Given): EvaluationContext {
  return {
    at: NOW,
    signal: new AbortController().signal,
    query: async () => [],
    firing: new Set(firing),
    fleet: fleetOf(devices, seen, NOW, { newestAt, watchedSince }),
  }
}

/** What rules give, one after another over the same context. */
function evaluate(names: readonly string[], given: Given): Record<string, readonly Result[]> {
  const { rules } = availabilityRules(2_000)
  const context = contextOf(given)
  const results: Record<string, readonly Result[]> = {}
  for (const rule of rules) {
    const name = 'alert' in rule ? rule.alert : rule.record
    if (typeof rule.expr !== 'function') throw new Error(`expected ${name} to be code`)
    if (names.includes(name)) results[name] = rule.expr(context) as readonly Result[]
  }
  return results
}

const results = (alert: 'DeviceDown' | 'MonitoringLate', given: Given): readonly Result[] =>
  evaluate([alert], given)[alert] ?? []

const router = device('router')
const child = device('child', { parents: ['router'] })

describe('DeviceDown', () => {
  const downDevices = (given: Parameters<typeof results>[1]) =>
    results('DeviceDown', given).map(({ labels }) => labels['device'])

  test('gives the device, its place, and since when to the millisecond', () => {
    expect(results('DeviceDown', { devices: [router], seen: { router: down(90) } })).toEqual([
      {
        labels: { device: 'router', branch: 'Vake', region: 'Tbilisi' },
        value: NOW / 1000 - 90,
        at: NOW - 90 * SECOND,
        since: NOW - 90 * SECOND,
      },
    ])
  })

  test.each<[string, Device[], Record<string, Seen>, string[], string[]]>([
    ['is up', [router], { router: up() }, [], []],
    ['was never sampled (A6)', [router], {}, [], []],
    ['is down', [router], { router: down(9) }, [], ['router']],
    ['is disabled (A6)', [{ ...router, enabled: false }], { router: down(9) }, [], []],
    [
      'was told and is disabled now',
      [{ ...router, enabled: false }],
      { router: down(9) },
      ['router'],
      [],
    ],
    [
      'is unreachable behind a parent that is down (C6)',
      [router, child],
      { router: down(9), child: down(9) },
      [],
      ['router'],
    ],
    [
      'is down behind a parent that is up',
      [router, child],
      { router: up(), child: down(9) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent whose failed probes are not confirmed',
      [router, child],
      { router: { ...up(), suspect: true }, child: down(5) },
      [],
      [],
    ],
    [
      'is down behind a parent whose probe for this outage is still under way (C6)',
      [{ ...router, ping: { ...router.ping, timeoutMs: 3_000 } }, child],
      { router: { ...up(), lastSampleAt: NOW - 9 * SECOND }, child: down(5) },
      [],
      [],
    ],
    [
      'is down behind a parent that says nothing 3 s after it was confirmed',
      [router, child],
      { router: { ...up(), suspect: true, lastSampleAt: NOW - 9 * SECOND }, child: down(9) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that was never sampled, and was just confirmed',
      [router, child],
      { child: down(4) },
      [],
      [],
    ],
    [
      'is down behind a parent that was never sampled, 3 s after it was confirmed',
      [router, child],
      { child: down(9) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that is disabled',
      [{ ...router, enabled: false }, child],
      { router: { ...up(), suspect: true }, child: down(4) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that is suspect, and another one that answers',
      [device('other'), router, device('child', { parents: ['router', 'other'] })],
      { router: { ...up(), suspect: true }, other: up(), child: down(4) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that is not confirmed yet, itself behind one that is down',
      [router, child, device('leaf', { parents: ['child'] })],
      { router: down(30), child: { ...up(), suspect: true }, leaf: down(20) },
      [],
      ['router'],
    ],
    [
      'is down behind a parent that was never sampled, itself behind one that is down',
      [router, child, device('leaf', { parents: ['child'] })],
      { router: down(30), leaf: down(20) },
      [],
      ['router'],
    ],
    [
      'is down behind a parent whose state is old, and of which nobody is told',
      [router, child],
      { router: { ...down(900), lastSampleAt: NOW - 600 * SECOND }, child: down(20) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that was probed since, and answers',
      [router, child],
      { router: { ...up(), lastSampleAt: NOW - 3 * SECOND }, child: down(5) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that nobody probes any more',
      [router, child],
      { router: { ...up(), lastSampleAt: NOW - 70 * SECOND }, child: down(60) },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that is back, not probed since',
      [router, child],
      { router: up(2), child: down(900) },
      [],
      [],
    ],
    [
      'is down behind a parent that is back for 9 s, not probed since',
      [router, child],
      { router: up(9), child: { ...down(900), lastSampleAt: NOW - 20 * SECOND } },
      [],
      ['child'],
    ],
    [
      'is down behind a parent that is back, probed since',
      [router, child],
      { router: up(9), child: down(900) },
      [],
      ['child'],
    ],
    [
      'was told before its parent went down',
      [router, child],
      { router: down(9), child: down(99) },
      ['child'],
      ['router', 'child'],
    ],
    [
      'was told and has no fresh sample',
      [router],
      { router: { ...down(900), lastSampleAt: NOW - 600 * SECOND } },
      ['router'],
      ['router'],
    ],
    [
      'was not told and has no fresh sample',
      [router],
      { router: { ...down(900), lastSampleAt: NOW - 600 * SECOND } },
      [],
      [],
    ],
    ['was told and left', [], { router: down(9) }, ['router'], []],
  ])('of a device that %s', (_, devices, seen, firing, expected) => {
    expect(downDevices({ devices, seen, firing })).toEqual(expected)
  })

  test.each([
    ['waits up to 15 s while no sample of the last seconds is known', 15, 9, []],
    ['is told then', 21, 9, ['child']],
    ['is told at once where samples are known', 9, 1, ['child']],
  ] as const)(
    'of a device behind a parent that began to fail %s (C6)',
    (_, downFor, newestAgo, expected) => {
      const lastSampleAt = NOW - newestAgo * SECOND
      const seen = {
        router: { ...up(), suspect: true, lastSampleAt: NOW - 9 * SECOND },
        child: { ...down(downFor), lastSampleAt },
      }
      expect(downDevices({ devices: [router, child], seen, newestAt: lastSampleAt })).toEqual(
        expected,
      )
    },
  )

  test('with two parents of which one is up, the device is what is down', () => {
    const devices = [device('a'), device('b'), device('child', { parents: ['a', 'b'] })]
    const seen = { a: down(9), b: up(), child: down(9) }
    expect(downDevices({ devices, seen })).toEqual(['a', 'child'])
  })

  test('with both parents down, the device is not', () => {
    const devices = [device('a'), device('b'), device('child', { parents: ['a', 'b'] })]
    const seen = { a: down(9), b: down(8), child: down(7) }
    expect(downDevices({ devices, seen })).toEqual(['a', 'b'])
  })
})

describe('an alert that is held back', () => {
  const held = (given: Given) =>
    evaluate(['DeviceFlapping', 'DeviceDown', 'wardline_alert_held'], given)[
      'wardline_alert_held'
    ]?.map(
      ({ labels: { alertname, device: id, by, cause } }) => `${alertname} ${id} ${by} ${cause}`,
    )
  const leaf = device('leaf', { parents: ['child'] })
  const times = (ago: readonly number[]) =>
    ago.map((seconds, index) => ({ at: NOW - seconds * SECOND, up: index % 2 === 1 }))
  const flaps: Seen = { ...down(10), changes: times([50, 30, 10]) }

  test.each<[string, Device[], Record<string, Seen>, string[], string[]]>([
    ['one that is down alone is not', [router], { router: down(9) }, [], []],
    [
      'names its parent',
      [router, child],
      { router: down(9), child: down(9) },
      [],
      ['DeviceDown child parent router'],
    ],
    [
      'names the outage at the top of a chain',
      [router, child, leaf],
      { router: down(9), child: down(9), leaf: down(9) },
      [],
      ['DeviceDown child parent router', 'DeviceDown leaf parent router'],
    ],
    [
      'names of two parents the one that went down last',
      [device('a'), device('b'), device('c', { parents: ['a', 'b'] })],
      { a: down(90), b: down(20), c: down(19) },
      [],
      ['DeviceDown c parent b'],
    ],
    [
      'was not told before its parent went down',
      [router, child],
      { router: down(9), child: down(99) },
      ['child'],
      [],
    ],
    [
      'is that of a device that flaps',
      [router],
      { router: flaps },
      [],
      ['DeviceDown router flapping DeviceFlapping'],
    ],
    [
      'is its flapping where its parent flaps, too',
      [router, child],
      { router: flaps, child: flaps },
      [],
      [
        'DeviceFlapping child parent router',
        'DeviceDown router flapping DeviceFlapping',
        'DeviceDown child parent router',
      ],
    ],
  ])('%s', (_, devices, seen, firing, expected) => {
    expect(held({ devices, seen, firing })).toEqual(expected)
  })

  const flapping = (given: Given) =>
    evaluate(['DeviceFlapping'], given)['DeviceFlapping']?.map(({ labels }) => labels['device'])

  test('a flapping device is told at once where it has no parent', () => {
    const seen = { router: { ...down(10), changes: times([12, 8, 4]) } }
    expect(flapping({ devices: [router], seen })).toEqual(['router'])
  })

  test('behind a parent it is told once the parent would have shown that it flaps as well', () => {
    const after = (ago: number) => ({ child: { ...down(ago), changes: times([50, 30, ago]) } })
    expect(flapping({ devices: [router, child], seen: after(7) })).toEqual([])
    expect(flapping({ devices: [router, child], seen: after(9) })).toEqual(['child'])
  })

  test('what flaps by the thresholds of its role', () => {
    const seen = { router: { ...up(10), changes: times([50, 30]) } }
    expect(flapping({ devices: [router], seen })).toEqual([])
    expect(flapping({ devices: [{ ...router, role: 'isp' }], seen })).toEqual(['router'])
  })
})

describe('MonitoringLate', () => {
  const fleetOf = (count: number) =>
    Array.from({ length: count }, (_, index) => device(`d${index}`))
  const sampled = (ago: readonly number[]): Record<string, Seen> =>
    Object.fromEntries(
      ago.map((seconds, index) => [`d${index}`, { ...up(), lastSampleAt: NOW - seconds * SECOND }]),
    )
  const isLate = (given: Parameters<typeof results>[1]) =>
    results('MonitoringLate', given).length > 0
  const newest = (ago: number) => NOW - ago * SECOND

  test.each([
    [17, false],
    [18, false],
    [19, true],
    [20, true],
  ])('with no sample at all for %i s, at 10 s interval: %s (A3)', (ago, expected) => {
    const given = { devices: fleetOf(2), seen: sampled([ago, ago]), newestAt: newest(ago) }
    expect(isLate(given)).toBe(expected)
  })

  test.each([
    [10, 1, true],
    [20, 1, false],
    [20, 2, true],
    [100, 9, false],
    [100, 10, true],
  ])('of %i devices %i have no fresh sample: %s', (count, late, expected) => {
    const ago = Array.from({ length: count }, (_, index) => (index < late ? 60 : 1))
    expect(isLate({ devices: fleetOf(count), seen: sampled(ago) })).toBe(expected)
  })

  test('says how many', () => {
    const seen = sampled([60, 60, 1, 1])
    expect(results('MonitoringLate', { devices: fleetOf(4), seen })[0]).toMatchObject({
      value: 2,
      labels: {},
    })
    expect(
      results('MonitoringLate', { devices: fleetOf(4), seen, newestAt: newest(60) })[0],
    ).toMatchObject({ value: 4 })
  })

  test('not of samples that went missing before this process looked', () => {
    const given = { devices: fleetOf(2), seen: sampled([600, 600]), newestAt: newest(600) }
    expect(isLate({ ...given, watchedSince: () => NOW - 5 * SECOND })).toBe(false)
    expect(isLate({ ...given, watchedSince: () => NOW - 30 * SECOND })).toBe(true)
  })

  test('which was told goes on over a restart, until samples are fresh', () => {
    const just = { watchedSince: () => NOW, firing: [''] }
    expect(
      isLate({ devices: fleetOf(2), seen: sampled([600, 600]), newestAt: newest(600), ...just }),
    ).toBe(true)
    expect(isLate({ devices: fleetOf(2), seen: sampled([1, 1]), ...just })).toBe(false)
  })

  test('not of a device that was just added', () => {
    const given = { devices: fleetOf(3), seen: sampled([1, 1]) }
    expect(isLate({ ...given, watchedSince: (id) => (id === 'd2' ? NOW : 0) })).toBe(false)
    expect(isLate({ ...given, watchedSince: (id) => (id === 'd2' ? NOW - 60 * SECOND : 0) })).toBe(
      true,
    )
  })

  test('not of an inventory without devices, or of disabled ones', () => {
    expect(isLate({ devices: [], newestAt: null })).toBe(false)
    expect(isLate({ devices: [{ ...router, enabled: false }], newestAt: null })).toBe(false)
  })

  test('a device that is probed every minute is not late after 25 s', () => {
    const slow = { ...router, ping: { ...router.ping, intervalMs: 60_000 } }
    const given = { devices: [slow], newestAt: newest(60) }
    expect(isLate({ ...given, seen: { router: { ...up(), lastSampleAt: newest(60) } } })).toBe(
      false,
    )
  })
})
