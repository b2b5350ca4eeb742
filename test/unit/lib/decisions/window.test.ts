import { describe, expect, test } from 'vitest'
import { parseInstant, readCron } from '../../../../lib/decisions/cron.ts'
import { DecisionError } from '../../../../lib/decisions/decision-error.ts'
import { type Schedule, spansBetween, windowAt } from '../../../../lib/decisions/window.ts'

const at = (text: string): number => Date.parse(text)
const iso = (instant: number): string => new Date(instant).toISOString().replace('.000Z', 'Z')
const HOUR = 3_600_000

const recurring = (
  cron: string,
  timeZone: string,
  more: Partial<Extract<Schedule, { kind: 'recurring' }>> = {},
) => ({
  schedule: { kind: 'recurring' as const, cron, timeZone, durationMs: 2 * HOUR, ...more },
})

const spans = (window: { schedule: Schedule }, from: string, until: string): string[] =>
  spansBetween(window, { from: at(from), until: at(until) }).map(
    (span) => `${iso(span.from)} ${(span.until - span.from) / HOUR}h`,
  )

describe('a recurring window', () => {
  test('keeps to the clock of its time zone where that never changes', () => {
    const nightly = recurring('0 2 * * *', 'Asia/Tbilisi')
    expect(spans(nightly, '2026-03-28T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([
      '2026-03-28T22:00:00Z 2h',
      '2026-03-29T22:00:00Z 2h',
    ])
    expect(spans(nightly, '2026-10-24T00:00:00Z', '2026-10-26T00:00:00Z')).toEqual([
      '2026-10-24T22:00:00Z 2h',
      '2026-10-25T22:00:00Z 2h',
    ])
  })

  // Germany's clock: 29 March 2026 02:00 → 03:00, 25 October 2026 03:00 → 02:00.
  test.each([
    [
      'at 02:30, which the clock jumps over, when it has jumped',
      '30 2 * * *',
      '2026-03-29',
      ['2026-03-29T01:00:00Z 2h'],
    ],
    ['at 03:00, right after the jump', '0 3 * * *', '2026-03-29', ['2026-03-29T01:00:00Z 2h']],
    [
      'at 01:30 and lasts as long as ever over the jump',
      '30 1 * * *',
      '2026-03-29',
      ['2026-03-29T00:30:00Z 2h'],
    ],
    [
      'at 02:30, which comes twice, the first time alone',
      '30 2 * * *',
      '2026-10-25',
      ['2026-10-25T00:30:00Z 2h'],
    ],
    ['at 02:00 on the last Sunday', '0 2 * * 0', '2026-10-25', ['2026-10-25T00:00:00Z 2h']],
  ])('in Berlin begins %s', (_, cron, day, expected) => {
    const window = recurring(cron, 'Europe/Berlin')
    expect(spans(window, `${day}T00:00:00+00:00`, `${day}T12:00:00Z`)).toEqual(expected)
  })

  test('in Berlin has 02:00 of winter at 01:00 and of summer at 00:00 in Greenwich', () => {
    const window = recurring('0 2 1 * *', 'Europe/Berlin')
    expect(
      spans(window, '2026-01-01T00:30:00Z', '2026-07-02T00:00:00Z').map((text) =>
        text.slice(5, 16),
      ),
    ).toEqual([
      '01-01T01:00',
      '02-01T01:00',
      '03-01T01:00',
      '04-01T00:00',
      '05-01T00:00',
      '06-01T00:00',
      '07-01T00:00',
    ])
  })

  test.each([
    ['2026-08-23T21:59:59.999Z', null],
    ['2026-08-23T22:00:00Z', '2026-08-23T22:00:00Z'],
    ['2026-08-23T23:59:59.999Z', '2026-08-23T22:00:00Z'],
    ['2026-08-24T00:00:00Z', null],
    // Asked about the past after the future.
    ['2020-08-23T22:30:00Z', '2020-08-23T22:00:00Z'],
  ])('is open at %s: %s', (instant, from) => {
    const window = recurring('0 2 * * *', 'Asia/Tbilisi')
    windowAt(window, at('2026-08-23T23:00:00Z'))
    const span = windowAt(window, at(instant))
    expect(span === null ? null : iso(span.from)).toBe(from)
  })

  test('gives the same answers whatever was asked before', () => {
    const hourly = recurring('17 * * * *', 'Europe/Berlin', { durationMs: HOUR / 2 })
    const from = at('2026-10-24T22:00:00Z')
    const instants = Array.from({ length: 300 }, (_, i) => from + ((i * 7919) % 300) * 60_000)
    for (const instant of instants) {
      const fresh = { schedule: { ...hourly.schedule } }
      expect(windowAt(hourly, instant)).toEqual(windowAt(fresh, instant))
    }
  })

  test('stays within its bounds, and ends with the second', () => {
    const window = recurring('0 2 * * *', 'UTC', {
      startsAt: at('2026-05-02T00:00:00Z'),
      endsAt: at('2026-05-04T03:00:00Z'),
    })
    expect(spans(window, '2026-04-01T00:00:00Z', '2026-06-01T00:00:00Z')).toEqual([
      '2026-05-02T02:00:00Z 2h',
      '2026-05-03T02:00:00Z 2h',
      '2026-05-04T02:00:00Z 1h',
    ])
    expect(windowAt(window, at('2026-05-01T02:30:00Z'))).toBeNull()
    expect(windowAt(window, at('2026-05-05T02:30:00Z'))).toBeNull()
  })

  test('that is open already is the first of what comes', () => {
    const window = recurring('0 2 * * *', 'UTC')
    expect(spans(window, '2026-05-02T03:00:00Z', '2026-05-03T02:00:00Z')).toEqual([
      '2026-05-02T02:00:00Z 2h',
    ])
  })
})

test.each([
  ['2026-01-01T00:00:00Z', true],
  ['2025-12-31T23:59:59Z', false],
  ['2026-01-02T00:00:00Z', false],
])('a single window, past ones too, is open at %s: %s', (instant, open) => {
  const schedule = {
    kind: 'once' as const,
    startsAt: at('2026-01-01T00:00:00Z'),
    endsAt: at('2026-01-02T00:00:00Z'),
  }
  expect(windowAt({ schedule }, at(instant)) !== null).toBe(open)
})

describe('an instant', () => {
  test.each([
    ['2026-08-21T22:00:00+04:00', 'UTC', '2026-08-21T18:00:00Z'],
    ['2026-08-21T22:00Z', 'Asia/Tbilisi', '2026-08-21T22:00:00Z'],
    ['2026-08-21 22:00', 'Asia/Tbilisi', '2026-08-21T18:00:00Z'],
    ['2026-08-21T22:00:30', 'Asia/Tbilisi', '2026-08-21T18:00:30Z'],
    ['2026-08-21', 'Asia/Tbilisi', '2026-08-20T20:00:00Z'],
    ['2020-01-01 12:00', 'Europe/Berlin', '2020-01-01T11:00:00Z'],
    ['2026-07-01 12:00', 'Europe/Berlin', '2026-07-01T10:00:00Z'],
  ])('%s in %s is %s', (text, zone, expected) => {
    expect(parseInstant(text, zone)).toBe(at(expected))
  })

  test.each([
    'tomorrow',
    '2026-02-30',
    '2026-02-30T10:00:00Z',
    '2026-13-01',
    '2026-07-01 25:00',
    '22:00',
    '',
  ])('%j is none', (text) => {
    expect(parseInstant(text, 'UTC')).toBeNull()
  })
})

test.each([
  ['0 2 * *', 'UTC', /five parts/],
  ['0 0 2 * * *', 'UTC', /five parts/],
  ['61 2 * * *', 'UTC', /61/],
  ['0 2 * * *', 'Mars/Olympus', /time zone/],
])('cron %j in %s is refused', (cron, zone, message) => {
  expect(() => readCron(cron, zone)).toThrow(DecisionError)
  expect(() => readCron(cron, zone)).toThrow(message)
})
