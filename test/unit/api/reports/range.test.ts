import { describe, expect, test } from 'vitest'
import { rangeOf } from '../../../../api/reports/range.ts'
import { Problem } from '../../../../api/problem.ts'

const NOW = Date.parse('2026-11-22T09:45:31.250Z')
const iso = (at: number): string => new Date(at).toISOString()
const range = (asked: Parameters<typeof rangeOf>[0]): string[] => {
  const { range: found } = rangeOf(asked, NOW)
  return [iso(found.from), iso(found.until)]
}

describe('the time that a report is about', () => {
  test.each([
    ['2026-10', 'UTC', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z'],
    ['2026-10', 'Asia/Tbilisi', '2026-09-30T20:00:00.000Z', '2026-10-31T20:00:00.000Z'],
    // The clock goes back in this one: it has an hour more.
    ['2026-10', 'Europe/Berlin', '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z'],
    ['2025-12', 'UTC', '2025-12-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'],
  ])('month %s on the clock of %s', (month, tz, from, until) => {
    expect(range({ month, tz })).toEqual([from, until])
  })

  test('of the running month ends now, on a whole minute', () => {
    expect(range({ tz: 'UTC' })).toEqual(['2026-11-01T00:00:00.000Z', '2026-11-22T09:45:00.000Z'])
  })

  test.each([
    ['2026-11-01', '2026-11-02', '2026-10-31T20:00:00.000Z', '2026-11-01T20:00:00.000Z'],
    [
      '2026-11-01T00:00:00Z',
      '2026-11-01T10:30:00+04:00',
      '2026-11-01T00:00:00.000Z',
      '2026-11-01T06:30:00.000Z',
    ],
    [
      '2026-11-01T00:00:00Z',
      '2026-11-01T10:30:00 04:00',
      '2026-11-01T00:00:00.000Z',
      '2026-11-01T06:30:00.000Z',
    ],
    ['1793491200', '2026-11-01 22:15', '2026-11-01T00:00:00.000Z', '2026-11-01T18:15:00.000Z'],
  ])('from %s to %s on the clock of Tbilisi', (from, to, start, end) => {
    expect(range({ from, to, tz: 'Asia/Tbilisi' })).toEqual([start, end])
  })

  test.each([
    [{ month: '2026-13', tz: 'UTC' }, /^month: expected a month such as 2026-10/],
    [{ month: '2026-12', tz: 'UTC' }, /^month: .* past/],
    [{ month: '2026-10', from: '2026-10-01', tz: 'UTC' }, /^month: expected either/],
    [{ to: '2026-10-01', tz: 'UTC' }, /^from: expected the instant to begin with/],
    [{ from: 'yesterday', tz: 'UTC' }, /^from: expected an instant such as .* got "yesterday"/],
    [{ from: '2026-11-02', to: '2026-11-01', tz: 'UTC' }, /^from: .*before/],
    [{ tz: 'Tbilisi' }, /^tz: expected a time zone such as/],
  ])('%j is refused', (asked, message) => {
    expect(() => rangeOf(asked, NOW)).toThrow(Problem)
    expect(() => rangeOf(asked, NOW)).toThrow(message)
  })
})
