import { describe, expect, test } from 'vitest'
import { createStoredRatio } from '../../../collector/stored-ratio.ts'
import type { Vector } from '../../../lib/victoriametrics.ts'
import { manualClock, settle } from '../../fakes/clock.ts'
import { recordLog } from '../../fakes/log.ts'

const NOON = Date.UTC(2026, 5, 1, 12)
type Asked = { readonly expr: string; readonly at: number }

/** `stored` is what VictoriaMetrics counts; null: it is away. */
async function open({ stored }: { stored: (asked: Asked) => number | null }) {
  const clock = manualClock(NOON)
  const reports: number[] = []
  const asked: Asked[] = []
  const log = recordLog()
  const stop = new AbortController()
  const ratio = createStoredRatio({
    vantage: 'tbilisi "1"',
    victoriaMetrics: {
      async query(expr, { at = Number.NaN } = {}): Promise<Vector> {
        asked.push({ expr, at })
        const value = stored({ expr, at })
        if (value === null) throw new Error('away')
        return value === 0 ? [] : [{ labels: {}, value, at }]
      },
    },
    report: (value) => void reports.push(value),
    clock,
    log: log.log,
  })
  const running = ratio.run(stop.signal)
  await settle()
  return {
    clock,
    reports,
    asked,
    log,
    /** As the loop tells it: `count` samples due in each of the coming seconds. */
    async pass(seconds: number, count: number) {
      for (let second = 0; second < seconds; second++) {
        ratio.due(clock.now(), count)
        await clock.advance(1_000)
      }
    },
    due: ratio.due,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

const windowOf = (expr = ''): number => Number(/\[(\d+)ms\]/.exec(expr)?.[1])

describe('the stored ratio (D4)', () => {
  test('is measured each minute over the slots of 10 minutes that had 30 s to arrive', async () => {
    await using ratio = await open({ stored: ({ expr }) => windowOf(expr) / 1000 })
    await ratio.pass(1_200, 1)
    expect(ratio.asked).toHaveLength(20)
    expect(ratio.asked[0]?.at).toBe(NOON + 30_000)
    // From the first slot to 30 s ago, both slots included: 31 samples.
    expect(windowOf(ratio.asked[0]?.expr)).toBe(31_000)
    expect(windowOf(ratio.asked.at(-1)?.expr)).toBe(600_000)
    expect(ratio.reports).toEqual(Array(20).fill(1))
  })

  test("asks for this collector's own samples, whatever its name", async () => {
    await using ratio = await open({ stored: () => 1 })
    await ratio.pass(61, 1)
    expect(ratio.asked[0]?.expr).toContain('ping_up{vantage="tbilisi \\"1\\""}')
  })

  test.each([
    ['all', 310, 1],
    ['half', 155, 0.5],
    ['none', 0, 0],
    ['more than were due, after a restart at the same second', 400, 1],
  ])('is what is there of what was due: %s', async (_, stored, expected) => {
    await using ratio = await open({ stored: () => stored })
    await ratio.pass(61, 10)
    expect(ratio.reports).toEqual([expected])
  })

  test('counts what a missed slot should have brought as due', async () => {
    await using ratio = await open({ stored: () => 31 })
    for (let second = 0; second < 31; second++) {
      ratio.due(NOON + second * 1000, 1)
      ratio.due(NOON + second * 1000, 1) // the same slot again: a missed one beside one that was probed
    }
    await ratio.clock.advance(60_000)
    expect(ratio.reports).toEqual([0.5])
  })

  test('is not told while nothing was due', async () => {
    await using ratio = await open({ stored: () => 0 })
    await ratio.clock.advance(300_000)
    expect([ratio.asked, ratio.reports]).toEqual([[], []])
  })

  test('keeps its last value while VictoriaMetrics is away, and goes on afterwards', async () => {
    let away = false
    await using ratio = await open({ stored: ({ expr }) => (away ? null : windowOf(expr) / 1000) })
    await ratio.pass(61, 1)
    away = true
    await ratio.pass(120, 1)
    expect(ratio.reports).toHaveLength(1)
    away = false
    await ratio.pass(60, 1)
    expect(ratio.reports).toEqual([1, 1])
  })
})
