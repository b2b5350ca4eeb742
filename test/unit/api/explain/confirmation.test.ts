import { describe, expect, test } from 'vitest'
import { type Lookout, type Probe, confirmationOf } from '../../../../api/explain/confirmation.ts'
import type { DeviceState } from '../../../../lib/status.ts'
import { AT } from '../fleet-vectors.ts'
import { probe } from './evidence.ts'

const PING = { intervalMs: 10_000, count: 2, timeoutMs: 1_000, confirm: 3 }
const ONE_SITE: Lookout = { sites: new Map(), blindSince: new Map() }
const TWO_SITES: Lookout = {
  sites: new Map([
    ['v1', 'tbilisi'],
    ['v2', 'batumi'],
  ]),
  blindSince: new Map(),
}
const UP: DeviceState = { up: true, since: AT - 99_000 }
const down = (secondsAgo: number): DeviceState => ({ up: false, since: AT - secondsAgo * 1_000 })
const confirmed = (probes: readonly Probe[], state: DeviceState | null, lookout = ONE_SITE) =>
  confirmationOf(probes, state, PING, lookout)

test('the probe that made it an outage is the one that completed the row', () => {
  const probes = [probe(20, 0.01), probe(10), probe(9), probe(8), probe(7)]

  expect(confirmed(probes, down(10))).toEqual({
    needed: 3,
    failures: 4,
    firstFailedAt: AT - 10_000,
    confirmedAt: AT - 8_000,
    awaitedSites: [],
  })
})

test('three that fail within less than two seconds are not one yet', () => {
  const probes = [probe(10), probe(9.5), probe(9), probe(5)]

  expect(confirmed(probes, down(10))?.confirmedAt).toBe(AT - 5_000)
})

test('an up device that began to fail is counted, and not confirmed', () => {
  const probes = [probe(12), probe(11, 0.01), probe(2), probe(1)]

  expect(confirmed(probes, UP)).toEqual({
    needed: 3,
    failures: 2,
    firstFailedAt: AT - 2_000,
    confirmedAt: null,
    awaitedSites: [],
  })
})

test('nothing is to be confirmed while the newest probe was answered', () => {
  expect(confirmed([probe(2), probe(1, 0.01)], UP)).toBeNull()
  expect(confirmed([], null)).toBeNull()
})

test('of an outage whose first samples are gone nobody says which probe confirmed it', () => {
  const found = confirmed([probe(30), probe(20), probe(10)], down(9_000))

  expect(found).toMatchObject({ firstFailedAt: AT - 9_000_000, confirmedAt: null })
})

test('two collectors that ask in one second are one probe, and an answer to either is an answer', () => {
  const twice = [11, 10, 9, 8].flatMap((ago) => [probe(ago), probe(ago, null, 'v2')])

  expect(confirmed([probe(12, 0.01), ...twice], UP)).toMatchObject({
    failures: 4,
    confirmedAt: AT - 9_000,
  })
  expect(confirmed([...twice, probe(8, 0.01, 'v3')], UP)).toBeNull()
})

describe('where several sites look', () => {
  const alone = [probe(14, 0.01, 'v2'), probe(10), probe(9), probe(8)]

  test('it is no outage until each of them had a part in it', () => {
    expect(confirmed(alone, UP, TWO_SITES)).toMatchObject({
      failures: 3,
      confirmedAt: null,
      awaitedSites: ['batumi'],
    })
    expect(confirmed([...alone, probe(4, null, 'v2')], down(10), TWO_SITES)).toMatchObject({
      failures: 4,
      confirmedAt: AT - 4_000,
      awaitedSites: [],
    })
  })

  test('one that was not heard for 2.5 intervals is not awaited', () => {
    const left = [probe(34, 0.01, 'v2'), probe(10), probe(9), probe(8)]

    expect(confirmed(left, down(10), TWO_SITES)).toMatchObject({
      confirmedAt: AT - 8_000,
      awaitedSites: [],
    })
  })

  test('one that is blind is not awaited, and what it is not answered does not count', () => {
    const lookout = { ...TWO_SITES, blindSince: new Map([['v2', AT - 11_000]]) }
    const probes = [...alone, probe(8.5, null, 'v2'), probe(7, null, 'v2')]

    expect(confirmed(probes, UP, lookout)).toMatchObject({
      failures: 3,
      confirmedAt: AT - 8_000,
      awaitedSites: [],
    })
  })
})
