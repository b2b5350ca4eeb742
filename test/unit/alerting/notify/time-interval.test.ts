import { describe, expect, test } from 'vitest'
import { isWithin } from '../../../../alerting/notify/time-interval.ts'
import { timeIntervalSchema } from '../../../../lib/config/routing.ts'

const within = (span: object, instant: string): boolean =>
  isWithin(timeIntervalSchema.parse({ name: 'x', time_intervals: [span] }), Date.parse(instant))

describe('a time interval', () => {
  test.each<[object, string, boolean]>([
    [{}, '2026-03-29T00:00:00Z', true],
    [{ times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-03-29T08:59:59Z', false],
    [{ times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-03-29T09:00:00Z', true],
    [{ times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-03-29T16:59:59Z', true],
    [{ times: [{ start_time: '09:00', end_time: '17:00' }] }, '2026-03-29T17:00:00Z', false],
    [{ times: [{ start_time: '22:00', end_time: '24:00' }] }, '2026-03-29T23:59:59Z', true],
    [{ weekdays: ['monday:friday'] }, '2026-03-27T12:00:00Z', true],
    [{ weekdays: ['monday:friday'] }, '2026-03-29T12:00:00Z', false],
    [{ weekdays: ['Sunday'] }, '2026-03-29T12:00:00Z', true],
    [{ days_of_month: ['1:5'] }, '2026-03-05T12:00:00Z', true],
    [{ days_of_month: ['1:5'] }, '2026-03-06T12:00:00Z', false],
    [{ days_of_month: ['-1'] }, '2026-02-28T12:00:00Z', true],
    [{ days_of_month: ['-1'] }, '2028-02-28T12:00:00Z', false],
    [{ days_of_month: ['-3:-1'] }, '2026-04-28T00:00:00Z', true],
    [{ days_of_month: ['-3:-1'] }, '2026-04-27T23:59:00Z', false],
    [{ days_of_month: ['29:31'] }, '2026-02-28T12:00:00Z', false],
    [{ months: ['january:march'] }, '2026-03-31T12:00:00Z', true],
    [{ months: ['1:3'] }, '2026-04-01T12:00:00Z', false],
    [{ years: ['2026'] }, '2026-12-31T23:00:00Z', true],
    [{ years: [2027] }, '2026-12-31T23:00:00Z', false],
    // All of its parts must hold.
    [{ weekdays: ['sunday'], months: ['april'] }, '2026-03-29T12:00:00Z', false],
    // By the clocks of its location: over midnight, over a new year, over the hour that summer time takes.
    [{ weekdays: ['monday'], location: 'Asia/Tbilisi' }, '2026-03-29T20:30:00Z', true],
    [{ years: ['2027'], location: 'Asia/Tbilisi' }, '2026-12-31T20:30:00Z', true],
    [
      { times: [{ start_time: '03:00', end_time: '04:00' }], location: 'Europe/Berlin' },
      '2026-03-29T01:00:00Z',
      true,
    ],
    [
      { times: [{ start_time: '02:00', end_time: '03:00' }], location: 'Europe/Berlin' },
      '2026-03-29T01:00:00Z',
      false,
    ],
    [
      { times: [{ start_time: '02:00', end_time: '03:00' }], location: 'Europe/Berlin' },
      '2026-03-28T01:00:00Z',
      true,
    ],
  ])('%j at %s: %s', (span, instant, expected) => {
    expect(within(span, instant)).toBe(expected)
  })

  test('holds when any of its spans does, and never without one', () => {
    const of = (...time_intervals: object[]) =>
      isWithin(timeIntervalSchema.parse({ name: 'x', time_intervals }), Date.UTC(2026, 2, 29))
    expect([of({ weekdays: ['monday'] }, { months: ['march'] }), of()]).toEqual([true, false])
  })
})
