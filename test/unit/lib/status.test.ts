import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Device } from '../../../lib/inventory.ts'
import { type Evidence, type Status, deriveStatuses, isStale } from '../../../lib/status.ts'
import { device } from '../../fakes/inventory.ts'

const NOW = Date.UTC(2026, 5, 1, 12)
const fresh = NOW - 3_000
const UP: Evidence = { state: { up: true, since: NOW - 60_000 }, lastSampleAt: fresh }
const DOWN: Evidence = { state: { up: false, since: NOW - 60_000 }, lastSampleAt: fresh }
const NEVER: Evidence = { state: null, lastSampleAt: null }
const GONE: Evidence = { ...UP, lastSampleAt: NOW - 3_600_000 }

type Seen = readonly [Device, (Evidence | undefined)?]
const derive = (...seen: readonly Seen[]): Record<string, Status> => {
  const evidence = new Map(seen.map(([each, what]) => [each.id, what]))
  const devices = seen.map(([each]) => each)
  return Object.fromEntries(deriveStatuses(devices, (id) => evidence.get(id), NOW))
}
const below = (id: string, ...parents: readonly string[]) => device(id, { parents })

describe('the status of a device alone', () => {
  test.each<[string, Partial<Device>, Evidence | undefined, Status]>([
    ['answers', {}, UP, 'up'],
    ['is confirmed down', {}, DOWN, 'down'],
    ['was never sampled (A6)', {}, undefined, 'unknown'],
    ['has neither state nor sample (A6)', {}, NEVER, 'unknown'],
    ['has samples, but no confirmed state yet', {}, { ...UP, state: null }, 'unknown'],
    ['has a state, but no sample', {}, { ...UP, lastSampleAt: null }, 'unknown'],
    ['was up when its samples ended', {}, GONE, 'unknown'],
    ['was down when its samples ended', {}, { ...GONE, state: DOWN.state }, 'unknown'],
    ['was up when its collector lost its network (C13)', {}, { ...UP, isBlind: true }, 'unknown'],
    ['was down then', {}, { ...DOWN, isBlind: true }, 'unknown'],
    ['was up, and its samples said nothing for long', {}, { ...GONE, voidAt: fresh }, 'up'],
    ['is switched off and down', { enabled: false }, DOWN, 'disabled'],
    ['is switched off and never sampled', { enabled: false }, undefined, 'disabled'],
  ])('that %s', (_, given, evidence, status) => {
    expect(derive([device('a', given), evidence])).toEqual({ a: status })
  })

  test.each([
    [10_000, 25_000, false],
    [10_000, 25_001, true],
    [30_000, 75_000, false],
    [30_000, 75_001, true],
    [1_000, 2_500, false],
    [1_000, 2_501, true],
    [10_000, 0, false],
    [10_000, -5_000, false], // stamped by a clock that is ahead
  ])(
    'at an interval of %i ms, a newest sample %i ms old is stale: %s',
    (intervalMs, age, stale) => {
      const one = device('a', { ping: { intervalMs, count: 2, timeoutMs: 1_000, confirm: 3 } })
      expect(isStale(one, NOW - age, NOW)).toBe(stale)
      expect(derive([one, { ...UP, lastSampleAt: NOW - age }])).toEqual({
        a: stale ? 'unknown' : 'up',
      })
    },
  )
})

describe('a device that is down behind others', () => {
  const P = 'p'
  test.each<[string, readonly Seen[], Status]>([
    ['its parent is down', [[device(P), DOWN]], 'unreachable'],
    ['its parent is up', [[device(P), UP]], 'down'],
    ['its parent is unknown', [[device(P), GONE]], 'down'],
    ['its parent was never sampled', [[device(P)]], 'down'],
    [
      "its parent is switched off, and doesn't count",
      [[device(P, { enabled: false }), DOWN]],
      'down',
    ],
    ['its parent is not in the inventory', [], 'down'],
  ])('%s', (_, parents, status) => {
    expect(derive([below('a', P), DOWN], ...parents)['a']).toBe(status)
  })

  test.each<[string, readonly [Evidence, Evidence], boolean, Status]>([
    ['both parents are down', [DOWN, DOWN], true, 'unreachable'],
    ['one of two parents is up', [DOWN, UP], true, 'down'],
    ['one of two parents is unknown', [DOWN, GONE], true, 'down'],
    ['one is down, the other is switched off', [DOWN, DOWN], false, 'unreachable'],
    ['one is up, the other is switched off', [UP, DOWN], false, 'down'],
  ])('%s', (_, [one, other], enabled, status) => {
    const statuses = derive(
      [below('a', 'p', 'q', 'gone'), DOWN],
      [device('p'), one],
      [device('q', { enabled }), other],
    )
    expect(statuses['a']).toBe(status)
  })

  test('a chain of three that is down: the first is the cause, whatever the order of the inventory', () => {
    const chain: Seen[] = [
      [device('core'), DOWN],
      [below('switch', 'core'), DOWN],
      [below('phone', 'switch'), DOWN],
    ]
    const expected = { core: 'down', switch: 'unreachable', phone: 'unreachable' }
    expect(derive(...chain)).toEqual(expected)
    expect(derive(...chain.toReversed())).toEqual(expected)
  })

  test('a chain of three whose middle answers: what is below it is down by itself', () => {
    expect(
      derive(
        [device('core'), DOWN],
        [below('switch', 'core'), UP],
        [below('phone', 'switch'), DOWN],
      ),
    ).toEqual({ core: 'down', switch: 'up', phone: 'down' })
  })

  test('one that answers, or is unknown, keeps that status behind a parent that is down', () => {
    expect(derive([device(P), DOWN], [below('a', P), UP], [below('b', P), GONE])).toEqual({
      p: 'down',
      a: 'up',
      b: 'unknown',
    })
  })
})

test('every outage has a cause: unreachable devices lead up to one that is down', () => {
  const evidence = fc.constantFrom(UP, DOWN, DOWN, GONE, NEVER)
  const fleet = fc.array(
    fc.record({ evidence, enabled: fc.boolean(), parents: fc.array(fc.nat(30), { maxLength: 3 }) }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(fleet, (drawn) => {
      // Parents come before their children, so that there is no cycle.
      const seen = drawn.map(({ evidence: what, enabled, parents }, n): Seen => {
        const ids = [...new Set(parents.filter((parent) => parent < n))].map((id) => `${id}`)
        return [device(`${n}`, { enabled, parents: ids }), what]
      })
      const statuses = derive(...seen)
      const parentsOf = new Map(seen.map(([each]) => [each.id, each.parents]))
      const isCut = (id: string): boolean => {
        const above = (parentsOf.get(id) ?? []).filter((own) => statuses[own] !== 'disabled')
        return above.length > 0 && above.every(explains)
      }
      // One that is unknown explains an outage below it when its own way up is cut.
      const explains = (id: string): boolean =>
        statuses[id] === 'down' ||
        statuses[id] === 'unreachable' ||
        (statuses[id] === 'unknown' && isCut(id))
      for (const [each, what] of seen) {
        const isDown = each.enabled && what === DOWN
        expect(statuses[each.id] === 'down' || statuses[each.id] === 'unreachable').toBe(isDown)
        if (isDown) expect(statuses[each.id] === 'unreachable').toBe(isCut(each.id))
      }
    }),
  )
})
