import type { ReportJson, RowJson } from '../../api/reports/json.ts'
import { humanizeDuration } from '../../lib/duration.ts'
import { alignedLines } from '../snmp/table.ts'

/** A report as a terminal shows it. */

const HEAD = ['availability', 'down', 'maintenance', 'unknown', 'outages', 'MTTR', 'MTBF']

/** A line for each row, the worst first, and the sum of all of them. */
export function rowLines(report: ReportJson, most: number): string[] {
  const { rows, total, by } = report
  const lines = rows.slice(0, most).map((row) => [...figures(row), ...wordsOf(row, by)])
  const sum = [...figures(total), `all ${total.devices} devices`]
  const right = HEAD.map((_, index) => index)
  return [
    headline(report),
    ...alignedLines([[...HEAD, by], ...lines, sum], { right }),
    ...moreLines(rows.length - most, 'rows'),
  ]
}

/** A line for each outage, those of the worst row first. */
export function outageLines(report: ReportJson, most: number): string[] {
  const all = report.rows.flatMap((row) => (row.outages ?? []).map((outage) => ({ row, outage })))
  const lines = all
    .slice(0, most)
    .map(
      ({
        row,
        outage: { start, end, seconds, excluded_seconds: excluded, unknown_seconds: unknown },
      }) => [
        timeText(start, report.time_zone),
        end === null ? 'not over' : timeText(end, report.time_zone),
        lengthText(seconds),
        lengthText(excluded),
        lengthText(unknown),
        ...wordsOf(row, report.by),
      ],
    )
  const head = ['from', 'to', 'down', 'maintenance', 'unknown', report.by]
  return [
    headline(report),
    ...(all.length === 0 ? ['no outage'] : alignedLines([head, ...lines], { right: [2, 3, 4] })),
    ...moreLines(all.length - most, 'outages'),
  ]
}

function headline({ from, to, time_zone: zone, windows }: ReportJson): string {
  const counted =
    windows.length === 1 ? '1 maintenance window' : `${windows.length} maintenance windows`
  return `${timeText(from, zone)} – ${timeText(to, zone)} (${zone}), ${counted} counted`
}

type Figures = Pick<RowJson, 'availability' | 'seconds'> &
  Partial<Pick<RowJson, 'outage_count' | 'mttr_seconds' | 'mtbf_seconds'>>

const figures = ({
  availability,
  seconds,
  outage_count: outages,
  mttr_seconds: mttr,
  mtbf_seconds: mtbf,
}: Figures): string[] => [
  availability === null ? '-' : percent(availability),
  lengthText(seconds.down),
  lengthText(seconds.excluded),
  lengthText(seconds.unknown),
  outages === undefined ? '' : String(outages),
  lengthText(mttr),
  lengthText(mtbf),
]

/** Never rounded up: 100 % is said of what was never down. */
const percent = (ratio: number): string => `${(Math.floor(ratio * 1e5 + 1e-9) / 1e3).toFixed(3)} %`

const lengthText = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined || seconds === 0
    ? '-'
    : humanizeDuration(seconds * 1000)

function wordsOf({ key, name, branch, region }: RowJson, by: ReportJson['by']): string[] {
  if (by !== 'device') return [key || '(none)']
  return [key, [name === key ? '' : name, branch, region].filter(Boolean).join(', ')]
}

function timeText(iso: string, timeZone: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(new Date(iso))
  return text.replace(/:00$/, '')
}

const moreLines = (more: number, what: string): string[] =>
  more > 0 ? [`and ${more} more ${what}`] : []
