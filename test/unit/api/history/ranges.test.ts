import { expect, test } from 'vitest'
import { RANGES, gridOf } from '../../../../api/history/ranges.ts'
import { spanOf } from '../../../../api/history/span.ts'

const at = Date.UTC(2026, 10, 22, 12, 0, 0, 345)
const MINUTE_MS = 60_000
const DAY_MS = 1_440 * MINUTE_MS

test.each(RANGES)('F9 %s ends now, in even steps that cover it', (range) => {
  const { start, end, stepMs, instants } = gridOf(spanOf({ range }, at), 10_000)

  expect(end).toBe(at - 345)
  expect(instants.at(-1)).toBe(end)
  expect(instants[0]).toBe(start + stepMs)
  expect(instants.length).toBeGreaterThanOrEqual(180)
  expect(instants.length).toBeLessThanOrEqual(400)
})

test('F9 the ranges on offer', () => {
  expect(RANGES.join(' ')).toBe('30m 1h 3h 6h 12h 24h 2d 7d 30d 90d 6mo 13mo')
})

test('F3 a step is never shorter than the interval: every step has a sample', () => {
  const grid = gridOf(spanOf({ range: '30m' }, at), 30_000)

  expect(grid).toMatchObject({ stepMs: 30_000 })
  expect(grid.instants).toHaveLength(60)
})

test('two instants instead of a range, and the last 24 hours where nothing is asked', () => {
  const from = at - 30 * DAY_MS
  const to = from + 90 * MINUTE_MS

  expect(spanOf({}, at)).toEqual({ range: '24h', start: at - DAY_MS, end: at })
  expect(spanOf({ from, to }, at)).toEqual({ range: null, start: from, end: to })
  expect(spanOf({ from }, at)).toEqual({ range: null, start: from, end: at })
  expect(gridOf(spanOf({ from, to }, at), 10_000)).toMatchObject({ stepMs: 15_000 })
})

test.each([
  [{ to: at }, 'from', 'there is a `to`'],
  [{ from: at - DAY_MS, range: '1h' as const }, 'range', 'got both'],
  [{ from: at, to: at - MINUTE_MS }, 'from', 'at least 10 s before'],
  [{ from: at - 397 * DAY_MS, to: at }, 'from', 'at most 396 days'],
])('%j is a 400 that names the parameter', (asked, parameter, words) => {
  const refused = () => spanOf(asked, at)

  expect(refused).toThrow(words)
  expect(refused).toThrow(expect.objectContaining({ status: 400, extra: { parameter } }))
})
