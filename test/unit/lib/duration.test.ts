import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { validate } from '../../../lib/config/explain.ts'
import { duration, formatDuration, humanizeDuration, parseDuration } from '../../../lib/duration.ts'

describe('parseDuration', () => {
  test.each([
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['1.5m', 90_000],
    ['250ms', 250],
    ['2d', 172_800_000],
    ['1w', 604_800_000],
    ['0s', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '30', '30 s', '30 sec', 's', '-5s', '1e3s', '٣s', '5S', '1h 30m'])(
    '%j is no duration',
    (text) => {
      expect(parseDuration(text)).toBeNull()
    },
  )
})

describe('formatDuration', () => {
  it('writes what parseDuration reads back, for every millisecond', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000_000), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms)
      }),
    )
  })

  it('is short', () => {
    expect([1_000, 90_000, 500, 1_500, 0].map(formatDuration)).toEqual([
      '1s',
      '1m30s',
      '500ms',
      '1s500ms',
      '0s',
    ])
  })
})

describe('humanizeDuration', () => {
  test.each([
    [8_100_000, '2h 15m'],
    [45_900, '45s'],
    [3_600_000, '1h'],
    [273_600_000, '3d 4h'],
    [0, '0s'],
    [-5_000, '0s'],
  ])('%i ms is %s', (ms, text) => {
    expect(humanizeDuration(ms)).toBe(text)
  })
})

describe('a duration in a configuration', () => {
  const schema = duration({ min: '1s', max: '1h', whole: true })
  const messageOf = (value: unknown) => {
    const checked = validate(schema, value)
    return checked.ok ? checked.data : checked.findings[0]?.message
  }

  test.each([
    ['10s', 10_000],
    ['30 sec', 'expected a duration such as 30s, got "30 sec"'],
    ['30', 'expected a duration with its unit, such as 30s, got "30"'],
    [30, 'expected a duration such as 30s, got 30'],
    [undefined, 'expected a duration such as 30s, got nothing'],
    ['500ms', 'expected at least 1s, got "500ms"'],
    ['2h', 'expected at most 1h, got "2h"'],
    ['1.5s', 'expected whole seconds, such as 30s, got "1.5s"'],
  ])('%j gives %j', (value, outcome) => {
    expect(messageOf(value)).toBe(outcome)
  })
})
