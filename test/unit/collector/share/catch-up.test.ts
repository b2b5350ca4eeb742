import { describe, expect, test } from 'vitest'
import { offsetOf } from '../../../../collector/plan.ts'
import { catchUp, missedTurns } from '../../../../collector/share/catch-up.ts'
import { manualClock } from '../../../fakes/clock.ts'
import { device } from '../../../fakes/inventory.ts'

const NOW = Date.UTC(2026, 5, 1, 12)
const ping = { intervalMs: 60_000, count: 2, timeoutMs: 500, confirm: 3 }
const devices = Array.from({ length: 600 }, (_, index) => device(`d${index}`, { ping }))
const intervalMs = (): number => 60_000

/** Seconds since the last turn of a device, at NOW. */
const ageOf = (id: string): number => (NOW / 1000 - offsetOf(id, 60)) % 60

describe('devices that were taken over from a collector that is gone', () => {
  test('have missed a turn that came after its last word; who waits longest comes first', () => {
    const taken = devices.map((each) => ({ device: each, since: NOW - 12_000 }))
    const missed = missedTurns(taken, intervalMs, NOW)
    const expected = devices.map(({ id }) => id).filter((id) => ageOf(id) <= 12)
    expect(missed.toSorted()).toEqual(expected.toSorted())
    expect(missed.map(ageOf)).toEqual(missed.map(ageOf).toSorted((a, b) => b - a))
  })

  test('are left to their turn where that comes in the next seconds', () => {
    const taken = devices.map((each) => ({ device: each, since: NOW - 600_000 }))
    const missed = missedTurns(taken, intervalMs, NOW)
    expect(missed.every((id) => 60 - ageOf(id) > 4)).toBe(true)
    expect(missed.length).toBeGreaterThan(500)
  })

  test('have missed nothing that is not probed at all', () => {
    const off = { device: device('off', { ping, enabled: false }), since: 0 }
    expect(missedTurns([off], intervalMs, NOW)).toEqual([])
    expect(missedTurns([{ device: device('on'), since: 0 }], () => null, NOW)).toEqual([])
  })

  test('are probed over four seconds, each once', async () => {
    const clock = manualClock(NOW)
    const asked: { id: string; at: number }[] = []
    const taken = devices.map((each) => ({ device: each, since: NOW - 12_000 }))
    const running = catchUp(
      taken,
      {
        ping: (id) => asked.push({ id, at: clock.now() - NOW }),
        snmp: () => expect.unreachable('no device has SNMP'),
      },
      clock,
      new AbortController().signal,
    )
    await clock.advance(5_000)
    await running
    const ids = asked.map(({ id }) => id)
    expect(ids).toEqual(missedTurns(taken, intervalMs, NOW))
    expect(new Set(ids).size).toBe(ids.length)
    const perSecond = [0, 1_000, 2_000, 3_000].map(
      (second) => asked.filter(({ at }) => at === second).length,
    )
    expect(Math.max(...perSecond) - Math.min(...perSecond)).toBeLessThanOrEqual(1)
    expect(perSecond.reduce((sum, count) => sum + count)).toBe(ids.length)
  })
})
