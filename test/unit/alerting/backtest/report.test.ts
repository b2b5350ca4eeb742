import { expect, test } from 'vitest'
import { differenceOf } from '../../../../alerting/backtest/difference.ts'
import { localTime } from '../../../../alerting/backtest/local-time.ts'
import { findingsJson } from '../../../../alerting/backtest/report-json.ts'
import {
  type Findings,
  alertName,
  histogram,
  reportFindings,
} from '../../../../alerting/backtest/report.ts'
import { summarize } from '../../../../alerting/backtest/summary.ts'
import { toldIn } from '../../../../alerting/backtest/told.ts'
import { progressText } from '../../../../bin/rules/progress.ts'
import { message, notified } from './messages.ts'

const HOUR = 3_600_000
const clock = localTime('UTC')
const from = Date.UTC(2026, 5, 1, 20)
const period = { from, to: from + 4 * HOUR }

const down = notified(
  { alertname: 'DeviceDown', device: 'router-1', branch: 'Vake', severity: 'critical' },
  from + HOUR,
)
const slow = notified({ alertname: 'Slow', link: 'a-b' }, from + 3 * HOUR, {
  activeAt: from + 3 * HOUR - 90_000,
})
const messages = [
  message(from + HOUR + 7_500, 'first notification', [down]),
  message(from + 2 * HOUR, 'all alerts resolved', [{ ...down, endsAt: from + 2 * HOUR }]),
  message(from + 3 * HOUR, 'first notification', [slow]),
]

function findings(against: Findings['against'] = null): Findings {
  const summary = summarize(messages, period, clock)
  return { period, rules: 7, messages, summary, against, problems: [] }
}

test('a report says what would have been sent, and what it amounts to', () => {
  expect(reportFindings(findings(), clock, 2)).toEqual([
    '2026-06-01 20:00:00 to 2026-06-02 00:00:00 (0.2 days), 7 rules',
    '',
    'Messages',
    '  (1 before these: --messages all shows them)',
    '  2026-06-01 22:00:00  ops  all alerts resolved: over: DeviceDown router-1 (Vake)',
    '  2026-06-01 23:00:00  ops  first notification: Slow link=a-b',
    '',
    'In all',
    '  3 messages about 2 problems; 1 pages in 1 night, 1.0 a night',
    '  ops: 3 messages (2 first notification, 1 all alerts resolved); 1 pages in 1 night, 1.0 a night',
    '',
    'By rule',
    '  1  DeviceDown',
    '  1  Slow',
    '',
    'By device',
    '  1  router-1',
    '',
    'By branch',
    '  1  Vake',
    '',
    'Pages by night (22:00-07:00)',
    '  1  2026-06-01',
    '',
    'From the beginning to the message',
    '  all: half within 7.5 s, 95 % within 1m 30s, all within 1m 30s',
    '  Slow: half within 1m 30s, 95 % within 1m 30s, all within 1m 30s',
    '  DeviceDown: half within 7.5 s, 95 % within 7.5 s, all within 7.5 s',
    '',
    'Messages over time',
    '  2026-06-01 20  0',
    `  2026-06-01 21  1 ${'#'.repeat(50)}`,
    `  2026-06-01 22  1 ${'#'.repeat(50)}`,
    `  2026-06-01 23  1 ${'#'.repeat(50)}`,
  ])
})

test('the difference to other rules is the end of it', () => {
  const old = [message(from + HOUR + 60_000, 'first notification', [down])]
  const summary = summarize(old, period, clock)
  const difference = differenceOf(toldIn(messages), toldIn(old))
  const lines = reportFindings(findings({ summary, difference }), clock, 0)
  expect(lines.slice(lines.indexOf('Against the old rules'))).toEqual([
    'Against the old rules',
    '  messages: 1 -> 3 (+2)',
    '  problems: 1 -> 2 (+1)',
    '  pages by night: 0 -> 1 (+1)',
    '  the same: 0',
    '  new: 1',
    '    2026-06-01 23:00:00  Slow link=a-b, since 2026-06-01 22:58:30',
    '  gone: 0',
    '  earlier: 1',
    '    2026-06-01 21:00:07  DeviceDown router-1 (Vake), 52.5 s earlier',
    '  later: 0',
  ])
})

test('rules that failed are told first', () => {
  const problems = [{ group: 'g', rule: 'R', count: 3, message: 'unknown func' }]
  expect(reportFindings({ ...findings(), problems }, clock, 0)[1]).toBe(
    'rule R of group g failed 3 times, first: unknown func',
  )
})

test('as JSON, instants are ISO 8601 and each alert says whether it is new', () => {
  const json = JSON.parse(JSON.stringify(findingsJson(findings()))) as Record<string, unknown>
  expect(json).toMatchObject({
    from: '2026-06-01T20:00:00.000Z',
    summary: { messages: 3, problems: 2 },
    messages: [
      {
        at: '2026-06-01T21:00:07.500Z',
        receiver: 'ops',
        reason: 'first notification',
        alerts: [{ status: 'firing', endsAt: null, isNew: true }],
      },
      { alerts: [{ status: 'resolved', endsAt: '2026-06-01T22:00:00.000Z', isNew: false }] },
      {},
    ],
  })
  expect(json).not.toHaveProperty('against')
})

test('bars are as long as the longest allows, and what is there at all has one', () => {
  expect(histogram([100, 1, 0, 50].map((count, index) => ({ name: `h${index}`, count })))).toEqual([
    `h0  100 ${'#'.repeat(50)}`,
    'h1    1 #',
    'h2    0',
    `h3   50 ${'#'.repeat(25)}`,
  ])
})

test('an alert is named by its device, or by what it has', () => {
  expect(alertName({ alertname: 'A', device: 'd', branch: 'b', severity: 'x' })).toBe('A d (b)')
  expect(alertName({ alertname: 'A', alertgroup: 'g', job: 'j' })).toBe('A job=j')
  expect(alertName({ alertname: 'A' })).toBe('A')
})

test.each([
  [0, 1_000, '0 %'],
  [0.005, 1_000, '0 %'],
  [0.25, 60_000, '25 %, 3m to go'],
  [1, 60_000, '100 %, 0s to go'],
])('%d after %d ms: %s', (share, passedMs, text) => {
  expect(progressText(share, passedMs)).toBe(text)
})
