import { humanizeDuration } from '../../lib/duration.ts'
import type { Labels } from '../../lib/labels.ts'
import type { RulesDifference, Shifted } from './difference.ts'
import type { LocalTime } from './local-time.ts'
import type { RuleProblem } from './run.ts'
import type { Count, Delays, Nights, Period, Summary } from './summary.ts'
import type { Told } from './told.ts'
import type { Message } from './world.ts'

/** What a backtest found. */
export type Findings = {
  readonly period: Period
  readonly rules: number
  readonly messages: readonly Message[]
  readonly summary: Summary
  readonly against: { readonly summary: Summary; readonly difference: RulesDifference } | null
  readonly problems: readonly RuleProblem[]
}

const TOP = 10
const WIDTH = 50

/** The findings in lines, with `most` messages, the last ones, at most. */
export function reportFindings(findings: Findings, clock: LocalTime, most: number): string[] {
  const { period, rules, messages, summary, against, problems } = findings
  const days = (period.to - period.from) / 86_400_000
  return [
    `${clock.second(period.from)} to ${clock.second(period.to)} (${days.toFixed(1)} days), ${rules} rules`,
    ...problems.map(
      ({ group, rule, count, message }) =>
        `rule ${rule} of group ${group} failed ${count} times, first: ${message}`,
    ),
    ...section('Messages', messageLines(messages, clock, most)),
    ...section('In all', totals(summary)),
    ...section('By rule', top(summary.rules)),
    ...section('By device', top(summary.devices)),
    ...section('By branch', top(summary.branches)),
    ...section('Pages by night (22:00-07:00)', nightLines(summary.nights)),
    ...section('From the beginning to the message', delayLines(summary.delay)),
    ...section('Messages over time', histogram(summary.timeline)),
    ...(against === null
      ? []
      : section('Against the old rules', differenceLines(summary, against, clock))),
  ]
}

const section = (title: string, lines: readonly string[]): string[] => [
  '',
  title,
  ...(lines.length === 0 ? ['  (none)'] : lines.map((line) => `  ${line}`)),
]

function messageLines(messages: readonly Message[], clock: LocalTime, most: number): string[] {
  const shown = messages.slice(-most || messages.length).slice(0, most)
  const left = messages.length - shown.length
  return [
    ...(left > 0 ? [`(${left} before these: --messages all shows them)`] : []),
    ...shown.map(({ at, receiver, notification }) => {
      const alerts = notification.alerts.map(
        ({ labels, endsAt }) => `${endsAt === 0 ? '' : 'over: '}${alertName(labels)}`,
      )
      const named = alerts.slice(0, MOST_ALERTS)
      const more = alerts.length - named.length + notification.truncatedAlerts
      const list = [...named, ...(more > 0 ? [`${more} more`] : [])].join('; ')
      return `${clock.second(at)}  ${receiver}  ${notification.reason}: ${list}`
    }),
  ]
}

const MOST_ALERTS = 5

/** `DeviceDown router-1 (Vake)` */
export function alertName({ alertname = '', device = '', branch = '', ...rest }: Labels): string {
  const { alertgroup: _group, severity: _severity, region: _region, ...others } = rest
  const place = branch === '' ? '' : ` (${branch})`
  if (device !== '') return `${alertname} ${device}${place}`
  const labels = Object.entries(others).map(([name, value]) => `${name}=${value}`)
  return [alertname, ...labels].join(' ') + place
}

function totals({ messages, problems, receivers, nights }: Summary): string[] {
  return [
    `${messages} messages about ${problems} problems; ${pagesText(nights)}`,
    ...receivers.map(({ receiver, messages: own, reasons, nights: ownNights }) => {
      const parts = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`)
      return `${receiver}: ${own} messages (${parts.join(', ')}); ${pagesText(ownNights)}`
    }),
  ]
}

const pagesText = ({ pages, count, perNight }: Nights): string =>
  `${pages} pages in ${count} ${count === 1 ? 'night' : 'nights'}, ${perNight.toFixed(1)} a night`

function top(list: readonly Count[]): string[] {
  const shown = list.slice(0, TOP)
  const width = Math.max(0, ...shown.map(({ count }) => String(count).length))
  const left = list.length - shown.length
  return [
    ...shown.map(({ name, count }) => `${String(count).padStart(width)}  ${name}`),
    ...(left > 0 ? [`${' '.repeat(width)}  and ${left} more`] : []),
  ]
}

function nightLines({ worst, count }: Nights): string[] {
  const quiet = count - worst.length
  return [...top(worst), ...(quiet > 0 ? [`nights without a page: ${quiet}`] : [])]
}

function delayLines(delay: Delays | null): string[] {
  if (delay === null) return []
  const line = (name: string, { p50Ms, p95Ms, maxMs }: Omit<Delays, 'rules'>): string =>
    `${name}: half within ${seconds(p50Ms)}, 95 % within ${seconds(p95Ms)}, all within ${seconds(maxMs)}`
  return [line('all', delay), ...delay.rules.map((rule) => line(rule.name, rule))]
}

/** `7.5 s`, and longer ones as people say them. */
const seconds = (ms: number): string =>
  ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : humanizeDuration(ms)

/** Bars of #; what is there at all has one. */
export function histogram(list: readonly Count[]): string[] {
  const most = Math.max(1, ...list.map(({ count }) => count))
  const width = String(most).length
  return list.map(({ name, count }) => {
    const bar = '#'.repeat(Math.ceil((count / most) * WIDTH))
    return `${name}  ${String(count).padStart(width)} ${bar}`.trimEnd()
  })
}

function differenceLines(
  now: Summary,
  { summary: old, difference }: NonNullable<Findings['against']>,
  clock: LocalTime,
): string[] {
  const { fresh, gone, earlier, later, same } = difference
  const change = (name: string, before: number, after: number): string =>
    `${name}: ${before} -> ${after} (${after >= before ? '+' : ''}${after - before})`
  return [
    change('messages', old.messages, now.messages),
    change('problems', old.problems, now.problems),
    change('pages by night', old.nights.pages, now.nights.pages),
    `the same: ${same}`,
    ...part(
      'new',
      fresh.map((told) => toldText(told, clock)),
    ),
    ...part(
      'gone',
      gone.map((told) => toldText(told, clock)),
    ),
    ...part(
      'earlier',
      earlier.map((shifted) => shiftedText(shifted, clock)),
    ),
    ...part(
      'later',
      later.map((shifted) => shiftedText(shifted, clock)),
    ),
  ]
}

function part(name: string, lines: readonly string[]): string[] {
  const shown = lines.slice(0, TOP).map((line) => `  ${line}`)
  const left = lines.length - shown.length
  return [`${name}: ${lines.length}`, ...shown, ...(left > 0 ? [`  and ${left} more`] : [])]
}

const toldText = ({ labels, toldAt, since }: Told, clock: LocalTime): string =>
  `${clock.second(toldAt)}  ${alertName(labels)}, since ${clock.second(since)}`

const shiftedText = ({ told, byMs }: Shifted, clock: LocalTime): string =>
  `${clock.second(told.toldAt)}  ${alertName(told.labels)}, ${seconds(Math.abs(byMs))} ${byMs < 0 ? 'earlier' : 'later'}`
