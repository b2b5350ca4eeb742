import { describe, expect, test } from 'vitest'
import { device } from '../../../fakes/inventory.ts'
import { NOON, slotOf, startLoop } from './loop-fixture.ts'

const every = { intervalMs: 1_000, count: 2, timeoutMs: 1_000, confirm: 3 }
const fleet = (size: number, ping = every) =>
  Array.from({ length: size }, (_, n) => device(`d${n}`, { address: `198.18.1.${n}`, ping }))
const HOUR = 3_600_000

describe('a slot that was overrun', () => {
  test('is skipped, and its samples count as missed and as due', async () => {
    await using loop = await startLoop({ devices: fleet(2) })
    await loop.clock.advance(900)
    await loop.clock.freeze(4_300) // at 5.2 s: the slots of seconds 1 to 4 are gone, that of 5 is late
    expect(loop.totals.missed).toBe(8)
    expect(loop.last.lag).toBeCloseTo(0.2)
    await loop.clock.advance(700)
    expect(loop.seconds('d0')).toEqual([0, 5])
    expect(loop.totals).toEqual({ missed: 8, samplesDue: 12, samplesMade: 4 })
    expect([...loop.dueBySlot].map(([at, count]) => [(at - NOON) / 1000, count])).toEqual(
      [0, 1, 2, 3, 4, 5].map((second) => [second, 2]),
    )
  })

  test('by less than a second is only late', async () => {
    await using loop = await startLoop({ devices: fleet(1) })
    await loop.clock.advance(900)
    await loop.clock.freeze(1_000)
    expect(loop.totals.missed).toBe(0)
    expect(loop.last.lag).toBeCloseTo(0.9)
    await loop.clock.advance(1_600)
    expect(loop.seconds('d0')).toEqual([0, 1, 2, 3])
  })

  test('an hour long leaves no backlog: the plan again from the next second on (G1)', async () => {
    await using loop = await startLoop({ devices: fleet(60, { ...every, intervalMs: 10_000 }) })
    await loop.clock.advance(20_900)
    const before = loop.runs.length
    await loop.clock.freeze(HOUR)
    // Begun now it would go out in one second with the next one.
    expect(loop.runs.length - before).toBe(0)
    expect(loop.last.inFlight).toBe(0)
    await loop.clock.advance(10_000)
    expect(loop.runs.length - before).toBe(10)
    expect(loop.totals.missed).toBeGreaterThan(0.99 * 60 * 360)
    expect(loop.totals.samplesDue).toBe(loop.totals.missed + loop.totals.samplesMade)
  })

  test('does not have an outage probed more than once for the slots that are gone', async () => {
    await using loop = await startLoop({
      devices: [device('a', { ping: { ...every, intervalMs: HOUR } })],
      answers: () => false,
    })
    const first = 1_000 * 3_600
    await loop.clock.advance(first + 1_500)
    const [t0 = 0] = loop.seconds('a')
    expect(loop.seconds('a').length).toBeGreaterThan(0)
    await loop.clock.freeze(60_000)
    await loop.clock.advance(10_000)
    expect(loop.seconds('a').length).toBeLessThanOrEqual(4)
    expect(loop.seconds('a')[0]).toBe(t0)
  })
})

describe('runs that do not end', () => {
  test('are bounded: further slots are missed, and counted', async () => {
    const gate = Promise.withResolvers<void>()
    await using loop = await startLoop({
      devices: fleet(1),
      probe: async (run) => {
        await gate.promise
        return new Map(run.addresses.map((address) => [address, [0.001, 0.001]]))
      },
    })
    await loop.clock.advance(99_500)
    // A run that doesn't end is ended after 11.4 s: 12 slots may be under way, and 5 more.
    expect(loop.runs).toHaveLength(17)
    expect(loop.last.inFlight).toBe(17)
    expect(loop.totals).toEqual({ missed: 83, samplesDue: 100, samplesMade: 0 })
    gate.resolve()
    await loop.clock.advance(1_000)
    expect(loop.runs).toHaveLength(18)
    expect(loop.last.inFlight).toBe(0)
    expect(loop.totals).toEqual({ missed: 83, samplesDue: 101, samplesMade: 18 })
  })

  test('leave the extra probes of an outage due: they come once slots are begun again', async () => {
    const gate = Promise.withResolvers<void>()
    const t0 = slotOf('a', 60, NOON + 60_000)
    const stuckFrom = t0 - 15_000
    const ping = { ...every, intervalMs: 60_000, timeoutMs: 900 }
    await using loop = await startLoop({
      devices: [device('a', { address: '198.18.0.2', ping }), ...fleet(1)],
      probe: async ({ addresses }, _signal, clock) => {
        const isUp = !addresses.includes('198.18.0.2') || clock.now() < t0
        if (isUp && clock.now() >= stuckFrom) await gate.promise
        return new Map(addresses.map((address) => [address, [isUp ? 0.001 : null]]))
      },
    })
    await loop.clock.advance(t0 + 6_500 - NOON)
    expect(loop.totals.missed).toBeGreaterThan(0)
    gate.resolve()
    await loop.clock.advance(10_000)
    const after = loop.seconds('a').map((second) => second - (t0 - NOON) / 1000)
    expect(after.filter((second) => second >= 0)).toEqual([0, 1, 7, 8])
  })
})

describe('runs that last as long as the configuration allows', () => {
  test('of silent devices in each second and of several profiles: no sample is missed', async () => {
    const profiles = [
      { count: 20, timeoutMs: 10_000 },
      { count: 2, timeoutMs: 10_000 },
      { count: 2, timeoutMs: 8_000 },
      { count: 2, timeoutMs: 1_000 },
    ]
    await using loop = await startLoop({
      devices: profiles.map((profile, n) =>
        device(`d${n}`, { address: `198.18.1.${n}`, ping: { ...every, ...profile } }),
      ),
      answers: () => false,
    })
    await loop.clock.advance(60_500)
    expect(loop.last.inFlight).toBeGreaterThan(30)
    expect(loop.totals.missed).toBe(0)
    await loop.clock.advance(20_000)
    expect(loop.seconds('d0').slice(0, 60)).toEqual(Array.from({ length: 60 }, (_, n) => n))
  })

  test('stay within the bound when a reload shortens them', async () => {
    const slow = { ...every, count: 20, timeoutMs: 10_000 }
    const quick = { ...every, count: 1, timeoutMs: 50 }
    await using loop = await startLoop({
      devices: [device('a', { ping: slow })],
      answers: () => false,
    })
    await loop.clock.advance(30_500)
    loop.inventory.replace(device('a', { ping: quick }))
    await loop.clock.advance(30_000)
    expect(loop.totals.missed).toBe(0)
  })
})

describe('a clock that is set', () => {
  const stamps = (loop: { written: readonly { at: number }[] }) =>
    loop.written.map(({ at }) => (at - NOON) / 1000)

  test('back by an hour: probing goes on within a second, with stamps of the new time', async () => {
    await using loop = await startLoop({ devices: fleet(1) })
    await loop.clock.advance(2_500)
    loop.clock.set(NOON + 2_500 - HOUR)
    await loop.clock.advance(2_800)
    expect(stamps(loop)).toEqual([0, 1, 2, -3597, -3596, -3595])
    expect(loop.totals.missed).toBe(0)
  })

  test('back in the moment between two slots: as well', async () => {
    let set = false
    await using loop = await startLoop({
      devices: fleet(1),
      probe: async (run, _signal, clock) => {
        if (!set && clock.now() >= NOON + 2_000) {
          set = true
          clock.set(clock.now() - HOUR)
        }
        return new Map(run.addresses.map((address) => [address, [0.001, 0.001]]))
      },
    })
    await loop.clock.advance(5_500)
    expect(loop.written).toHaveLength(6)
    expect(stamps(loop).slice(3)).toEqual([-3597, -3596, -3595])
  })

  test('back by half a second: no slot is probed twice', async () => {
    await using loop = await startLoop({ devices: fleet(1) })
    await loop.clock.advance(2_600)
    loop.clock.set(NOON + 2_100)
    await loop.clock.advance(3_000)
    expect(new Set(stamps(loop)).size).toBe(loop.written.length)
  })

  test('forward by an hour: the hour is missed, not made up for', async () => {
    await using loop = await startLoop({ devices: fleet(1) })
    await loop.clock.advance(1_500)
    loop.clock.set(NOON + HOUR)
    await loop.clock.advance(2_000)
    expect(loop.totals.missed).toBeGreaterThanOrEqual(3_597)
    expect(loop.written.length).toBeLessThanOrEqual(5)
    expect(stamps(loop).at(-1)).toBeGreaterThanOrEqual(3_600)
  })

  test('forward by years, as one that the machine started without: nothing was missed, and it goes on at once', async () => {
    await using loop = await startLoop({ devices: fleet(1) })
    await loop.clock.advance(1_500)
    const years = 50 * 365 * 24 * HOUR
    loop.clock.set(NOON + years)
    await loop.clock.advance(2_000)
    expect(loop.totals.missed).toBe(0)
    expect(stamps(loop).filter((second) => second >= years / 1000).length).toBeGreaterThan(1)
    expect(loop.dueBySlot.size).toBeLessThan(10)
  })
})
