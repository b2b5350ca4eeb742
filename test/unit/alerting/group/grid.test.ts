import { describe, expect, test } from 'vitest'
import { firstTurn, isToBeTaken, turnAfter, turnsBetween } from '../../../../alerting/group/grid.ts'
import type { RuleGroup } from '../../../../alerting/rule.ts'
import { groupOf } from '../facts.ts'

const SECOND = 1_000
const MINUTE = 60_000
const NOON = Date.UTC(2026, 2, 29, 12)

const every = (intervalMs: number, more: Partial<RuleGroup> = {}): RuleGroup =>
  groupOf([], { intervalMs, ...more })

describe('the instant that the next turn of a group of a file evaluates', () => {
  test.each<[string, RuleGroup, number, number]>([
    ['is the next on the grid of its interval', every(MINUTE), 1, MINUTE],
    ['… also right after the last', every(MINUTE), MINUTE, 2 * MINUTE],
    ['… and long before the next', every(15 * SECOND), 44_999, 45 * SECOND],
    ['at its offset', every(MINUTE, { evalOffsetMs: 10 * SECOND }), 1, 10 * SECOND],
    ['… past it', every(MINUTE, { evalOffsetMs: 10 * SECOND }), 10_001, 70 * SECOND],
    ['… before the end', every(MINUTE, { evalOffsetMs: -10 * SECOND }), 1, 50 * SECOND],
    ['… of the whole interval', every(MINUTE, { evalOffsetMs: MINUTE }), 1, MINUTE],
    ['earlier by its delay, on the grid', every(MINUTE, { evalDelayMs: 30 * SECOND }), 1, 0],
    ['… by several intervals', every(MINUTE, { evalDelayMs: 150 * SECOND }), 1, -2 * MINUTE],
  ])('%s', (_, group, passed, expected) => {
    const turn = turnAfter(group, NOON + passed)
    expect((turn.at ?? Number.NaN) - NOON).toBe(expected)
    expect(turn.dueAt).toBeGreaterThan(NOON + passed)
  })

  test('is the moment less its delay, where alignment is switched off', () => {
    const group = every(MINUTE, { evalAlignment: false, evalDelayMs: 30 * SECOND })
    const { dueAt, at } = turnAfter(group, NOON + 1)
    expect(at).toBe(dueAt - 30 * SECOND)
  })

  test('is taken within a second of its place on the grid, always as late for one group', () => {
    const lates = Array.from({ length: 50 }, (_, index) => {
      const group = every(MINUTE, { name: `group ${index}` })
      const late = turnAfter(group, NOON).dueAt - NOON - MINUTE
      expect(turnAfter(group, NOON + MINUTE).dueAt - NOON - 2 * MINUTE).toBe(late)
      return late
    })
    expect(Math.min(...lates)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...lates)).toBeLessThan(SECOND)
    expect(new Set(lates).size).toBeGreaterThan(25)
  })
})

test('a group that wardline brings evaluates the moment itself, on its grid', () => {
  expect(turnAfter(every(2 * SECOND, { file: '' }), NOON + 300)).toEqual({
    dueAt: NOON + 2 * SECOND,
    at: null,
  })
})

describe('the first turn', () => {
  const now = NOON + 20 * SECOND

  test.each<[string, RuleGroup, number | undefined, number | null]>([
    ['is the current one', every(MINUTE), undefined, 0],
    ['is the next one where the last process took the current one', every(MINUTE), 0, MINUTE],
    ['is the current one where it took the one before', every(MINUTE), -MINUTE, 0],
    ['waits for the offset', every(MINUTE, { evalOffsetMs: 0 }), undefined, MINUTE],
  ])('%s', (_, group, evaluated, expected) => {
    const evaluatedAt = evaluated === undefined ? undefined : NOON + evaluated
    expect(firstTurn(group, now, evaluatedAt).at).toBe(NOON + (expected ?? 0))
  })

  test('of a group that wardline brings is now', () => {
    expect(firstTurn(every(MINUTE, { file: '' }), now)).toEqual({ dueAt: now, at: null })
  })
})

test('turns that were overrun lie between', () => {
  const group = every(MINUTE)
  const first = turnAfter(group, NOON)
  const counts = [0, 1, 2.5, 5].map((minutes) =>
    turnsBetween(group, first, turnAfter(group, first.dueAt + minutes * MINUTE)),
  )
  expect(counts).toEqual([0, 1, 2, 5])
})

describe('a turn', () => {
  test.each<[string, number | null, number | undefined, boolean]>([
    ['of an instant that was not evaluated yet is taken', 0, undefined, true],
    ['… after the last one', 0, -MINUTE, true],
    ['of the instant that was evaluated last is not', -MINUTE, -MINUTE, false],
    ['of one before it is not: its alerts would seem to be over', -2 * MINUTE, -MINUTE, false],
    ['of an instant in the future is not: the clock was set back', 60 * MINUTE, undefined, false],
    ['is taken where the last evaluation lies in the future', 0, 60 * MINUTE, true],
    ['of the moment is always taken', null, 60 * MINUTE, true],
  ])('%s', (_, at, evaluatedAt, expected) => {
    const turn = { dueAt: NOON, at: at === null ? null : NOON + at }
    const last = evaluatedAt === undefined ? undefined : NOON + evaluatedAt
    expect(isToBeTaken(turn, NOON, last)).toBe(expected)
  })
})
