import { describe, expect, test } from 'vitest'
import { devicesBehind } from '../../../../alerting/availability/behind.ts'
import type { Device } from '../../../../lib/inventory.ts'
import { type Seen, fleetOf } from '../../../fakes/fleet.ts'
import { device } from '../../../fakes/inventory.ts'

const NOW = Date.UTC(2026, 2, 1)
const up: Seen = { state: { up: true, since: NOW - 9_000_000 }, lastSampleAt: NOW - 60_000 }
const down = (ago: number): Seen => ({ state: { up: false, since: NOW - ago * 1_000 } })
const silent: Seen = { ...down(100), lastSampleAt: NOW - 90_000 }
const r = device('r')
const a = device('a', { parents: ['r'] })
const b = device('b', { parents: ['a'] })

describe('the devices of which nobody is told, whatever a rule says of them,', () => {
  test.each<[string, Device[], Record<string, Seen>, string[], string[]]>([
    ['are none while all answer', [r, a], { r: up, a: up }, [], []],
    ['are none where one is down by itself', [r, a], { r: up, a: down(9) }, [], []],
    [
      'lie behind one that is down, with the top of the chain as the cause',
      [r, a, b],
      { r: down(9), a: down(8), b: down(7) },
      [],
      ['a < r', 'b < r'],
    ],
    ['may not be confirmed yet', [r, a, b], { r: down(9), a: up }, [], ['a < r', 'b < r']],
    [
      'stay so while monitoring is late, of an outage that was told',
      [r, a],
      { r: silent, a: silent },
      ['r'],
      ['a < r'],
    ],
    ['are none of an outage that is only remembered', [r, a], { r: silent, a: silent }, [], []],
    [
      'wait for the verdict on a parent',
      [r, a],
      { r: { ...up, suspect: true }, a: { ...down(2), confirmedAt: NOW } },
      [],
      ['a < r'],
    ],
    [
      'are no longer those that were told while they wait',
      [r, a],
      { r: { ...up, suspect: true }, a: { ...down(2), confirmedAt: NOW } },
      ['a'],
      [],
    ],
  ])('%s', (_, devices, seen, told, expected) => {
    const behind = devicesBehind(fleetOf(devices, seen, NOW), new Set(told), NOW)
    expect([...behind].map(([id, cause]) => `${id} < ${cause}`).toSorted()).toEqual(expected)
  })

  test.each([
    ['that began to look just now, for its first turn', NOW - 2_000, ['a']],
    ['that looked all the time, no longer', 0, []],
  ])('wait for an answer once a parent is back: with a process %s', (_, watchedSince, expected) => {
    const back: Seen = { state: { up: true, since: NOW - 15_000 } }
    const seen = { r: back, a: { ...down(40), lastSampleAt: NOW - 20_000 } }
    const fleet = fleetOf([r, a], seen, NOW, { watchedSince: () => watchedSince })
    expect([...devicesBehind(fleet, new Set(), NOW).keys()]).toEqual(expected)
  })
})
