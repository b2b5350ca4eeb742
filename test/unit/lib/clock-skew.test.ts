import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { skewOf, watchClock } from '../../../lib/clock-skew.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { VictoriaMetricsError } from '../../../lib/victoriametrics.ts'
import { recordLog } from '../../fakes/log.ts'

const T = Date.UTC(2026, 10, 22, 12)

describe('how far a clock is off', () => {
  test.each([
    ['it is right', T + 400, T, T + 410, 0],
    ['the second ends meanwhile', T + 990, T, T + 1_010, 0],
    ['it is 5 minutes ahead', T + 300_400, T, T + 300_410, 299_400],
    ['it is 5 minutes behind', T - 299_600, T, T - 299_590, -299_590],
    ['the answer took long: nothing need be wrong', T - 3_000, T, T + 4_000, 0],
  ])('%s', (_, askedAt, date, answeredAt, skewMs) => {
    expect(skewOf(askedAt, date, answeredAt)).toBe(skewMs)
  })

  test('a clock that was set while it was asked says nothing', () => {
    expect(skewOf(T + 1_000, T, T - 60_000)).toBe(null)
  })

  test('is never more than it is, and at most a second and the way there and back less', () => {
    const ms = fc.integer({ min: 0, max: 5_000 })
    fc.assert(
      fc.property(
        fc.integer({ min: -900_000, max: 900_000 }),
        ms,
        ms,
        ms,
        (off, begin, there, back) => {
          const askedAt = T + begin
          const date = Math.floor((askedAt + there) / 1000) * 1000
          const found = skewOf(askedAt + off, date, askedAt + there + back + off) ?? Number.NaN
          expect(Math.abs(found)).toBeLessThanOrEqual(Math.abs(off))
          expect(Math.abs(off) - Math.abs(found)).toBeLessThanOrEqual(1_000 + there + back)
          expect(found * off).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})

/** A clock that is `offMs` ahead of VictoriaMetrics, asked for so many turns. */
async function watchFor(turns: number, offMs: number | (() => number), isAway = false) {
  const samples: Sample[] = []
  const log = recordLog()
  const stopping = new AbortController()
  let now = T
  const off = typeof offMs === 'number' ? () => offMs : offMs
  await watchClock(
    {
      victoriaMetrics: {
        async date() {
          if (isAway) throw new VictoriaMetricsError('away', 'unreachable')
          return Math.floor(now / 1000) * 1000
        },
      },
      instance: 'collector-1',
      write: (all) => void samples.push(...all),
      clock: {
        now: () => now + off(),
        async sleepUntil() {
          now += 15_000
          if (--turns <= 0) stopping.abort()
        },
      },
      log: log.log,
    },
    stopping.signal,
  )
  return { samples, lines: log.lines.map(({ msg }) => msg) }
}

test('what is found is written each 15 s, stamped by the clock that is right (B5)', async () => {
  const { samples } = await watchFor(2, 300_000)
  expect(samples).toEqual(
    [T, T + 15_000].map((at) => ({
      measurement: '',
      labels: { instance: 'collector-1' },
      fields: { wardline_clock_skew_seconds: 299 },
      at,
    })),
  )
})

test('the log is told when a clock is off, and when it is right again, once each', async () => {
  let turn = 0
  const { lines } = await watchFor(6, () => (turn++ < 9 ? -300_000 : 0))
  expect(lines).toHaveLength(2)
})

test('while VictoriaMetrics is away nothing is known of the clock', async () => {
  const { samples, lines } = await watchFor(3, 300_000, true)
  expect([samples, lines]).toEqual([[], []])
})
