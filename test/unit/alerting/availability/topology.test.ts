import { describe, expect, test } from 'vitest'
import { blastRadius, cutOff, rootCause } from '../../../../alerting/availability/topology.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { type Seen, fleetOf } from '../../../fakes/fleet.ts'
import { device } from '../../../fakes/inventory.ts'

const NOW = Date.UTC(2026, 2, 1)
const up: Seen = { state: { up: true, since: NOW - 9_000_000 }, lastSampleAt: NOW - 60_000 }
const down = (ago: number): Seen => ({ state: { up: false, since: NOW - ago * 1_000 } })
const behind = (id: string, ...parents: string[]) => device(id, { parents })

/** `r: a b (1 confirmed)`: what lies behind each device that is down. */
function radii(devices: readonly Device[], seen: Readonly<Record<string, Seen>>): string[] {
  const fleet = fleetOf(devices, seen, NOW)
  const ids = devices.filter(({ id }) => seen[id]?.state?.up === false).map(({ id }) => id)
  const cut = cutOff(fleet, new Set(ids))
  return ids.map((id) => {
    const { unreachable, confirmed } = blastRadius(fleet, cut, id)
    return `${id}: ${unreachable.map((each) => each.id).join(' ')} (${confirmed})`
  })
}

describe('what lies behind a device that is down', () => {
  test.each<[string, Device[], Record<string, Seen>, string[]]>([
    ['nothing', [device('r')], { r: down(9) }, ['r:  (0)']],
    [
      'is known before any of it is confirmed',
      [device('r'), behind('a', 'r'), behind('b', 'r')],
      { r: down(9), a: up, b: up },
      ['r: a b (0)'],
    ],
    [
      'counts those that were never sampled',
      [device('r'), behind('a', 'r')],
      { r: down(9) },
      ['r: a (0)'],
    ],
    [
      'has its confirmed ones apart',
      [device('r'), behind('a', 'r'), behind('b', 'r')],
      { r: down(9), a: down(8), b: up },
      ['r: a b (1)', 'a:  (0)'],
    ],
    [
      'goes on behind what lies behind it',
      [device('r'), behind('a', 'r'), behind('b', 'a'), behind('c', 'b')],
      { r: down(9), a: up, b: up, c: up },
      ['r: a b c (0)'],
    ],
    [
      'leaves out what has another way',
      [device('r'), device('s'), behind('a', 'r', 's'), behind('b', 'a')],
      { r: down(9), s: up, a: up, b: up },
      ['r:  (0)'],
    ],
    [
      'counts for both where two parents are down',
      [device('r'), device('s'), behind('a', 'r', 's')],
      { r: down(9), s: down(5), a: up },
      ['r: a (0)', 's: a (0)'],
    ],
    [
      'has no ways through parents that are disabled or not there',
      [device('r'), device('s', { enabled: false }), behind('a', 'r', 's', 'gone')],
      { r: down(9), a: up },
      ['r: a (0)'],
    ],
    [
      'leaves out what is disabled, and what has no other way than that',
      [device('r'), device('a', { parents: ['r'], enabled: false }), behind('b', 'a')],
      { r: down(9), b: up },
      ['r:  (0)'],
    ],
    [
      'leaves out what answered since, and what lies behind that',
      [device('r'), behind('a', 'r'), behind('b', 'a')],
      { r: down(9), a: { ...up, lastSampleAt: NOW - 3_000 }, b: up },
      ['r:  (0)'],
    ],
    [
      'keeps what answered before',
      [device('r'), behind('a', 'r')],
      { r: down(9), a: { ...up, lastSampleAt: NOW - 9_000 } },
      ['r: a (0)'],
    ],
  ])('%s', (_, devices, seen, expected) => {
    expect(radii(devices, seen)).toEqual(expected)
  })

  test('a chain as long as the fleet', () => {
    const devices = Array.from({ length: 10_000 }, (_, n) =>
      n === 0 ? device('0') : behind(String(n), String(n - 1)),
    )
    const fleet = fleetOf(devices, { '0': down(9) }, NOW)
    const cut = cutOff(fleet, new Set(['0']))
    expect(blastRadius(fleet, cut, '0').unreachable).toHaveLength(9_999)
    expect(rootCause(fleet, cut, devices[9_999] ?? device(''))).toBe('0')
  })
})

describe('the cause of an unreachable device', () => {
  const causeOf = (devices: Device[], seen: Record<string, Seen>, id: string): string => {
    const fleet = fleetOf(devices, seen, NOW)
    const ids = Object.keys(seen).filter((each) => seen[each]?.state?.up === false)
    const found = fleet.inventory.get(id)
    if (found === undefined) throw new Error(`no device ${id}`)
    return rootCause(fleet, cutOff(fleet, new Set(ids)), found)
  }

  test('is the top of a chain', () => {
    const devices = [device('r'), behind('a', 'r'), behind('b', 'a')]
    expect(causeOf(devices, { r: down(9), a: down(8), b: down(7) }, 'b')).toBe('r')
    expect(causeOf(devices, { r: down(9), b: down(7) }, 'b')).toBe('r')
  })

  test('of two is the one that cut the last way', () => {
    const devices = [device('r'), device('s'), behind('a', 'r', 's')]
    expect(causeOf(devices, { r: down(9), s: down(90), a: down(7) }, 'a')).toBe('r')
  })
})
