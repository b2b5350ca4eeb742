import { describe, expect, test } from 'vitest'
import { localTime } from '../../../../alerting/backtest/local-time.ts'
import { counts, summarize } from '../../../../alerting/backtest/summary.ts'
import { message, notified } from './messages.ts'

const MINUTE = 60_000
const HOUR = 3_600_000
const clock = localTime('Asia/Tbilisi')
/** Noon in Tbilisi. */
const FROM = Date.UTC(2026, 5, 1, 8)
const period = { from: FROM, to: FROM + 48 * HOUR }

const down = (device: string, branch: string, at: number) =>
  notified({ alertname: 'DeviceDown', device, branch }, at)

describe('nights', () => {
  test.each([
    ['2026-06-01T17:59:59Z', null],
    ['2026-06-01T18:00:00Z', '2026-06-01'],
    ['2026-06-01T20:30:00Z', '2026-06-01'],
    ['2026-06-02T02:59:59Z', '2026-06-01'],
    ['2026-06-02T03:00:00Z', null],
  ])('%s lies in the night of %s', (at, night) => {
    expect(clock.night(Date.parse(at))).toBe(night)
  })

  test('are those of the time zone, over a change of its clocks too', () => {
    const berlin = localTime('Europe/Berlin')
    expect(berlin.night(Date.UTC(2026, 2, 29, 4, 59))).toBe('2026-03-28')
    expect(berlin.night(Date.UTC(2026, 2, 29, 5))).toBe(null)
    expect(berlin.second(Date.UTC(2026, 2, 29, 1))).toBe('2026-03-29 03:00:00')
  })
})

describe('a summary', () => {
  const evening = FROM + 11 * HOUR
  const first = down('a', 'Vake', FROM + HOUR)
  const second = down('b', 'Gldani', evening)
  const messages = [
    message(FROM + HOUR + 10_000, 'first notification', [first]),
    message(FROM + HOUR + 10_000, 'first notification', [first], { receiver: 'boss' }),
    message(evening + 8_000, 'first notification', [second]),
    message(evening + HOUR, 'repeat interval elapsed', [second], { fresh: [] }),
    message(evening + 2 * HOUR, 'updated', [second], { fresh: [] }),
    message(evening + 3 * HOUR, 'all alerts resolved', [{ ...second, endsAt: evening + 3 * HOUR }]),
  ]
  const summary = summarize(messages, period, clock)

  test('counts messages by receiver and reason, and problems once', () => {
    expect(summary).toMatchObject({ messages: 6, problems: 2 })
    expect(summary.receivers).toMatchObject([
      { receiver: 'boss', messages: 1, reasons: { 'first notification': 1 } },
      {
        receiver: 'ops',
        messages: 5,
        reasons: {
          'first notification': 2,
          'repeat interval elapsed': 1,
          updated: 1,
          'all alerts resolved': 1,
        },
      },
    ])
  })

  test('takes what is new or told again at night for pages, and knows the quiet nights', () => {
    expect(summary.nights).toEqual({
      count: 2,
      pages: 2,
      perNight: 1,
      worst: [{ name: '2026-06-01', count: 2 }],
    })
  })

  test('tells how long it took from the beginning to the message', () => {
    expect(summary.delay).toEqual({
      p50Ms: 8_000,
      p95Ms: 10_000,
      maxMs: 10_000,
      rules: [{ name: 'DeviceDown', p50Ms: 8_000, p95Ms: 10_000, maxMs: 10_000 }],
    })
  })

  test('leaves out of that what began before the replayed time', () => {
    const old = down('a', 'Vake', FROM - HOUR)
    const late = message(FROM + MINUTE, 'first notification', [old])
    expect(summarize([late], period, clock).delay).toBe(null)
  })

  test('has a line for each hour, also for those without a message', () => {
    expect(summary.timeline).toHaveLength(48)
    expect(summary.timeline[0]).toEqual({ name: '2026-06-01 12', count: 0 })
    expect(summary.timeline[1]).toEqual({ name: '2026-06-01 13', count: 2 })
  })

  test('has one for each day where that would be too many', () => {
    const week = { from: FROM, to: FROM + 7 * 24 * HOUR }
    expect(summarize(messages, week, clock).timeline.map(({ count }) => count)).toEqual([
      3, 3, 0, 0, 0, 0, 0, 0,
    ])
  })
})

test('the most frequent come first, of equal ones by name', () => {
  expect(counts(['b', 'a', 'c', 'c', ''])).toEqual([
    { name: 'c', count: 2 },
    { name: 'a', count: 1 },
    { name: 'b', count: 1 },
  ])
})
