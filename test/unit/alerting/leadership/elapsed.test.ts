import { expect, test } from 'vitest'
import { createElapsed } from '../../../../alerting/leadership/elapsed.ts'

test('time goes on by the clock that went further, and never back', () => {
  const at = { monotonic: 0, wall: 1_000_000 }
  const elapsed = createElapsed(
    () => at.monotonic,
    () => at.wall,
  )
  const after = (monotonic: number, wall: number): number => {
    at.monotonic += monotonic
    at.wall += wall
    return elapsed()
  }
  expect(after(100, 100)).toBe(100)
  // The machine slept.
  expect(after(10, 60_000)).toBe(60_100)
  // The wall's clock was set back.
  expect(after(10, -3_600_000)).toBe(60_110)
  expect(after(0, 0)).toBe(60_110)
})
