import { expect, test } from 'vitest'
import { isSameRun } from '../../../../collector/snmp/up-time.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const after = (passedMs: number, movedTicks: number): boolean =>
  isSameRun(
    { ticks: 1_000_000, at: 5_000 },
    { ticks: 1_000_000 + movedTicks, at: 5_000 + passedMs },
  )

test.each([
  ['as much as passed', MINUTE, 6_000, true],
  ['by an answer that came 8 s late', MINUTE, 5_200, true],
  ['by a clock that is 0.5 % fast', DAY, (DAY / 10) * 1.005, true],
  ['not at all', MINUTE, 0, true],
  ['back', MINUTE, -1, false],
  ['less than passed: it started anew while nobody asked', 60 * MINUTE, 6_000, false],
  ['more than passed: it is another agent', MINUTE, 1_000_000, false],
])('an agent’s up-time that moved %s', (_how, passedMs, movedTicks, isSame) => {
  expect(after(passedMs, movedTicks)).toBe(isSame)
})
