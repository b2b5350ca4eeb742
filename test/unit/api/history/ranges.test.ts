import { expect, test } from 'vitest'
import { RANGES, gridOf } from '../../../../api/history/ranges.ts'

const at = Date.UTC(2026, 10, 22, 12, 0, 0, 345)

test.each(RANGES)('%s ends now, in even steps that cover it', (range) => {
  const { start, end, stepMs, instants } = gridOf(range, 10_000, at)

  expect(end).toBe(at - 345)
  expect(instants.at(-1)).toBe(end)
  expect(instants[0]).toBe(start + stepMs)
  expect(instants.length).toBeGreaterThanOrEqual(180)
  expect(instants.length).toBeLessThanOrEqual(400)
})

test('F3 a step is never shorter than the interval: every step has a sample', () => {
  expect(gridOf('30m', 30_000, at)).toMatchObject({ stepMs: 30_000 })
  expect(gridOf('30m', 30_000, at).instants).toHaveLength(60)
})
