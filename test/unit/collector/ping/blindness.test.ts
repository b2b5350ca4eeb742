import { expect, test } from 'vitest'
import type { Seen } from '../../../../collector/blindness/sight.ts'
import { device } from '../../../fakes/inventory.ts'
import { NOON, slotOf, startLoop } from './loop-fixture.ts'

const ping = { intervalMs: 30_000, count: 2, timeoutMs: 1_000, confirm: 3 }
const a = device('a', { ping })
const t0 = slotOf('a', 30, NOON + 30_000)

/** Seconds after t0 of the probes of a device. */
const after = (seconds: readonly number[]): number[] =>
  seconds.map((second) => second - (t0 - NOON) / 1000).filter((second) => second >= 0)

/** Blind in [from, to), seconds after t0. */
function blindIn(from: number, to: number) {
  const told: { readonly at: number; readonly outcomes: readonly Seen[] }[] = []
  let now = (): number => NOON
  return {
    told,
    follow: (clock: { now(): number }) => void (now = () => clock.now()),
    isBlind: () => now() >= t0 + from * 1000 && now() < t0 + to * 1000,
    probed: (at: number, outcomes: readonly Seen[]) => void told.push({ at, outcomes }),
    retain() {},
  }
}

test('a device that fell silent because the collector is blind is asked in its turns alone', async () => {
  const blindness = blindIn(1.9, 60)
  await using loop = await startLoop({
    devices: [a],
    answers: (_, at) => at < t0,
    blindness,
  })
  blindness.follow(loop.clock)
  await loop.clock.advance(t0 - NOON + 50_000)
  expect(after(loop.seconds('a'))).toEqual([0, 30])
  expect(loop.written.map(({ fields }) => fields['up'])).toContain(0)
  // The first failure was told before anybody knew better; the others say nothing.
  expect(loop.told.filter(({ outcomes }) => outcomes.some(({ up }) => !up))).toHaveLength(1)
})

test('one that is still silent when the collector sees again is confirmed as any other', async () => {
  const blindness = blindIn(1.9, 20)
  await using loop = await startLoop({
    devices: [a],
    answers: (_, at) => at < t0,
    blindness,
  })
  blindness.follow(loop.clock)
  await loop.clock.advance(t0 - NOON + 40_000)
  expect(after(loop.seconds('a'))).toEqual([0, 30, 32, 33, 34])
})

test('what was asked in vain meanwhile is asked again soon, unless its turn comes', async () => {
  const slow = { ...ping, intervalMs: 3_600_000 }
  const first = slotOf('hourly', 3_600)
  const hourly = device('hourly', { ping: slow, address: '198.18.0.9' })
  const told: number[] = []
  let isBlind = true
  await using loop = await startLoop({
    devices: [hourly],
    answers: () => !isBlind,
    blindness: {
      isBlind: () => isBlind,
      probed: (at) => void told.push(at),
      retain() {},
    },
  })
  await loop.clock.advance(first - NOON + 5_500)
  isBlind = false
  await loop.clock.advance(20_000)
  const seconds = loop.seconds('hourly').map((second) => second - (first - NOON) / 1000)
  expect(seconds).toEqual([0, 7])
  expect(loop.written.map(({ fields }) => fields['up'])).toEqual([0, 1])
})

test('every outcome is told before its sample is written: a mark goes before what it is about', async () => {
  const written: number[] = []
  const blindness = {
    isBlind: () => false,
    probed: () => void written.push(loop.written.length),
    retain() {},
  }
  await using loop = await startLoop({ devices: [a], blindness })
  await loop.clock.advance(t0 - NOON + 31_000)
  expect(written).toEqual(written.map((_, index) => index))
  expect(written.length).toBeGreaterThan(1)
})
