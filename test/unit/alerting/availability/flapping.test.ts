import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Change,
  MOST_CHANGES,
  flappingScore,
  flappingSince,
  hasSettled,
  withChange,
} from '../../../../alerting/availability/flapping.ts'

const SECOND = 1_000
const T = Date.UTC(2026, 2, 1)
const USUAL = { high: 30, low: 25 }

/** Changes so many seconds after T, the first one down. */
const changesAt = (...seconds: readonly number[]): Change[] =>
  seconds.map((after, index) => ({ at: T + after * SECOND, up: index % 2 === 1 }))
const score = (seconds: readonly number[], at: number) =>
  Math.round(10 * flappingScore(changesAt(...seconds), T + at * SECOND)) / 10

describe('the score', () => {
  test.each<[string, number[], number, number]>([
    ['of a device that never changed', [], 0, 0],
    ['of a change just now', [0], 0, 12],
    ['of a change 150 s ago', [0], 150, 10],
    ['of a change that is nearly 5 minutes old', [0], 299, 8],
    ['of a change that is 5 minutes old', [0], 300, 0],
    [
      'of ten changes spread over 5 minutes',
      [0, 33, 66, 99, 132, 165, 198, 231, 264, 297],
      298,
      100,
    ],
    ['of more is no higher', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 12, 100],
  ])('%s', (_, seconds, at, expected) => {
    expect(score(seconds, at)).toBe(expected)
  })
})

describe('a device flaps', () => {
  const since = (seconds: readonly number[], at: number, thresholds = USUAL) => {
    const found = flappingSince(changesAt(...seconds), T + at * SECOND, thresholds)
    return found === null ? null : (found - T) / SECOND
  }
  test.each<[string, number[], number, number | null]>([
    ['not with an outage', [0, 60], 60, null],
    ['with the third change within minutes', [0, 40, 80], 80, 80],
    ['not with three changes that are 5 minutes apart', [0, 150, 300], 300, null],
    ['not before its changes', [0, 40, 80], 79, null],
    ['not any more once its changes are few', [0, 40, 80, 120], 381, null],
    ['while it is up, until its changes are few', [0, 40, 80, 120], 300, 80],
    ['not any more once it is down for 2.5 minutes', [0, 10, 20, 30, 40], 190, null],
    ['while it is down for less', [0, 10, 20, 30, 40], 189, 20],
    ['anew after it settled', [0, 10, 20, 30, 40, 200], 201, 200],
  ])('%s', (_, seconds, at, expected) => {
    expect(since(seconds, at)).toBe(expected)
  })

  test('sooner where its thresholds are stricter', () => {
    expect(since([0, 40], 40, { high: 20, low: 15 })).toBe(40)
    expect(since([0], 0, { high: 20, low: 15 })).toBeNull()
  })

  test('never with a threshold of 100', () => {
    expect(since([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 11, { high: 100, low: 50 })).toBeNull()
  })

  const gaps = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 40 })

  test('never for longer than 150 s into an outage, whatever was before (C2)', () => {
    fc.assert(
      fc.property(gaps, (all) => {
        let at = T
        let changes: readonly Change[] = []
        for (const gap of all) {
          at += gap * SECOND
          changes = withChange(changes, { at, up: changes.at(-1)?.up === false })
        }
        const last = changes.at(-1)
        const flaps = flappingSince(changes, at + 150 * SECOND, USUAL)
        expect(last?.up === false && flaps !== null).toBe(false)
        expect(flappingSince(changes, at + 300 * SECOND, USUAL)).toBeNull()
      }),
    )
  })

  test('or has settled, as the two ways to ask agree', () => {
    fc.assert(
      fc.property(gaps, fc.integer({ min: 0, max: 600 }), (all, later) => {
        let at = T
        let changes: readonly Change[] = []
        for (const gap of all) {
          at += gap * SECOND
          changes = withChange(changes, { at, up: changes.at(-1)?.up === false })
        }
        const when = at + later * SECOND
        if (hasSettled(changes, when, USUAL)) {
          expect(flappingSince(changes, when, USUAL)).toBeNull()
        }
      }),
    )
  })
})

describe('the changes that are kept', () => {
  test('are the last ones', () => {
    let changes: readonly Change[] = []
    for (let n = 0; n < 50; n++) changes = withChange(changes, { at: T + n, up: n % 2 === 1 })
    expect(changes).toHaveLength(MOST_CHANGES)
    expect(changes.at(-1)).toEqual({ at: T + 49, up: true })
  })

  test('are changes: the same state again is none', () => {
    const once = withChange([], { at: T, up: false })
    expect(withChange(once, { at: T + 1, up: false })).toBe(once)
  })
})
