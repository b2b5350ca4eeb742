import { describe, expect, test } from 'vitest'
import { type Bound, holds, percentile } from '../../../bench/measurement.ts'
import { parseParameters } from '../../../bench/parameters.ts'

describe('a percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, place) => 100 - place)
  test.each([
    [0.5, 50],
    [0.99, 99],
    [1, 100],
  ])('of 1 to 100 at %f is %i', (share, value) => {
    expect(percentile(hundred, share)).toBe(value)
  })

  test('of nothing is not a number', () => {
    expect(percentile([], 0.99)).toBeNaN()
  })
})

describe('a bound', () => {
  test.each([
    ['most', 25, 25, true],
    ['most', 25, 25.01, false],
    ['least', 0.999, 1, true],
    ['least', 0.999, 0.99, false],
    ['most', 25, Number.NaN, false],
  ] as const)('of at %s %f is met by %f: %s', (kind, bound, measured, met) => {
    expect(holds({ what: '', unit: '', kind, bound, measured } satisfies Bound)).toBe(met)
  })
})

describe('parameters', () => {
  const defaults = { minutes: 10, intervals: [10, 30] }

  test('are the defaults, or what the command line says', () => {
    expect(parseParameters([], defaults)).toEqual(defaults)
    expect(parseParameters(['--minutes', '0.5', '--intervals', '5'], defaults)).toEqual({
      minutes: 0.5,
      intervals: [5],
    })
  })

  test.each([
    [['--minutes', 'ten'], '--minutes: expected a number above 0, got "ten"'],
    [['--minutes', '1,2'], '--minutes: expected a number above 0, got "1,2"'],
    [['--intervals', '10,0'], '--intervals: expected numbers such as 10,30 above 0, got "10,0"'],
    [['--hours', '1'], '--hours'],
  ])('refuse %j', (args, message) => {
    expect(() => parseParameters(args, defaults)).toThrow(message)
  })
})
