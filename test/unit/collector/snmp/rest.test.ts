import { describe, expect, test } from 'vitest'
import { isResting, restUntil } from '../../../../collector/snmp/rest.ts'

const AT = 1_700_000_040_000
const MINUTE = 60_000

describe('a device whose polls are not answered', () => {
  test.each([
    [0, 1],
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 4],
    [5, 5],
    [6, 5],
    [1_000, 5],
  ])('after %i of them in a row the turn %i minutes later is taken', (silences, minutes) => {
    const until = restUntil(AT, MINUTE, silences)
    const turns = [1, 2, 3, 4, 5, 6].filter((n) => !isResting(until, AT + n * MINUTE, MINUTE))
    expect(turns[0]).toBe(minutes)
  })

  test('out of its turn: the next turn but the left out ones, not one later', () => {
    const until = restUntil(AT - 20_000, MINUTE, 3)
    expect(isResting(until, AT, MINUTE)).toBe(true)
    expect(isResting(until, AT + MINUTE, MINUTE)).toBe(false)
  })

  test('an interval of five minutes or more has every turn taken', () => {
    expect(restUntil(AT, 300_000, 50)).toBe(0)
    expect(restUntil(AT, 3_600_000, 50)).toBe(0)
  })

  test('a clock that is set back does not make the rest longer', () => {
    expect(isResting(restUntil(AT, MINUTE, 10), AT - 3_600_000, MINUTE)).toBe(false)
  })
})
