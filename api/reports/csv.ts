import type { Sliced } from '../../lib/slices.ts'
import { rowJson } from './json.ts'
import type { Report } from './report.ts'

/** Excel takes UTF-8 for something else without it. */
const BYTE_ORDER_MARK = '\uFEFF'

/** RFC 4180: a line for each row of the report, or for each outage. */
export function* reportCsv(
  report: Report,
  { list, bom }: { list: 'rows' | 'outages'; bom: boolean },
): Sliced<string> {
  const lines: string[] = []
  for (const fields of list === 'rows' ? rowLines(report) : outageLines(report)) {
    lines.push(`${fields.map(field).join(',')}\r\n`)
    yield
  }
  return `${bom ? BYTE_ORDER_MARK : ''}${lines.join('')}`
}

type Field = string | number | null

function* rowLines(report: Report): Generator<Field[]> {
  yield [
    report.by,
    'name',
    'branch',
    'region',
    'devices',
    'from',
    'to',
    'total_seconds',
    'up_seconds',
    'down_seconds',
    'excluded_seconds',
    'unknown_seconds',
    'denominator_seconds',
    'availability',
    'outage_count',
    'mttr_seconds',
    'mtbf_seconds',
    'windows_version',
  ]
  for (const row of report.rows) {
    const { seconds, ...told } = rowJson(report, row, { outages: false })
    yield [
      told.key,
      told.name,
      told.branch,
      told.region,
      told.devices,
      told.from,
      told.to,
      seconds.total,
      seconds.up,
      seconds.down,
      seconds.excluded,
      seconds.unknown,
      told.denominator_seconds,
      told.availability,
      told.outage_count,
      told.mttr_seconds,
      told.mtbf_seconds,
      report.excluded.version,
    ]
  }
}

function* outageLines(report: Report): Generator<Field[]> {
  yield [report.by, 'name', 'start', 'end', 'seconds', 'excluded_seconds', 'unknown_seconds']
  for (const row of report.rows) {
    const { key, name, outages = [] } = rowJson(report, row, { outages: true })
    for (const outage of outages) {
      const { start, end, seconds, excluded_seconds: excluded, unknown_seconds: unknown } = outage
      yield [key, name, start, end, seconds, excluded, unknown]
    }
  }
}

/** What a spreadsheet would take for a formula begins with an apostrophe, which it shows as text. */
const FORMULA = /^[=+\-@\t\r]/

function field(value: Field): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const text = FORMULA.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
