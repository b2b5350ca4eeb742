import { type CsvError, type Info, parse } from 'csv-parse/sync'
import type { z } from 'zod'
import { toBoolean } from '../config/fields.ts'
import { didYouMean } from '../config/nearest.ts'
import type { Problem } from '../config/problem.ts'
import { deviceSchema, pingSchema, snmpSchema } from '../config/schema.ts'
import type { DeviceFile, DeviceRecord } from './records.ts'

/** What separates the items of a list in one cell; commas and semicolons separate cells. */
export const LIST_SEPARATOR = '|'

const LISTS: ReadonlySet<string> = new Set(['parents', 'tags', 'snmp.modules', 'snmp.credentials'])

/** Every column that a file may have: the keys of a device, those of ping and snmp with a dot. */
export const CSV_COLUMNS: readonly string[] = [
  ...keys(deviceSchema).filter((key) => key !== 'ping'),
  ...keys(pingSchema).map((key) => `ping.${key}`),
  ...keys(snmpSchema).map((key) => `snmp.${key}`),
]

function keys(schema: z.ZodObject): string[] {
  return Object.keys(schema.shape)
}

type Row = { readonly record: string[]; readonly info: Info }

/** Devices of CSV: a line of column names, then one device a line. An empty cell counts as left out. */
export function readCsv(file: string, text: string): DeviceFile {
  let rows: Row[]
  try {
    rows = parseRows(text)
  } catch (error) {
    const { code, lines } = error as CsvError & { lines?: number }
    return { file, records: [], problems: [{ file, line: lines, message: explainSyntax(code) }] }
  }
  const [header, ...body] = rows
  if (header === undefined) {
    const message = 'expected a line with the names of the columns, such as id,address,name'
    return { file, records: [], problems: [{ file, line: 1, message }] }
  }
  const columns = header.record.map((name) => name.trim().toLowerCase())
  const problems = checkHeader(file, firstLine(header), columns)
  if (problems.length > 0) return { file, records: [], problems }
  const records: DeviceRecord[] = []
  for (const row of body) {
    const line = firstLine(row)
    if (row.record.length === columns.length) {
      records.push({ value: deviceOfCells(columns, row.record), line: () => line })
    } else problems.push({ file, line, message: explainLength(columns, row.record) })
  }
  return { file, records, problems }
}

function parseRows(text: string): Row[] {
  // Files that were put together from several have line ends of several kinds.
  const lines = text.replace(/\r\n?/g, '\n')
  const rows = parse(lines.replace(SEPARATOR_LINE, '\n'), {
    bom: true,
    delimiter: delimiterOf(lines),
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    info: true,
  })
  // With `info`, csv-parse gives objects; its types don't say so.
  return rows as unknown as Row[]
}

/** Excel's own first line, `sep=;`. */
const SEPARATOR_LINE = /^sep=([,;\t])\n/i

/** The separator that the header line has most of: a comma, Excel's semicolon, or a tab. */
function delimiterOf(text: string): string {
  const told = SEPARATOR_LINE.exec(text)?.[1]
  if (told !== undefined) return told
  const header = /^\s*([^\n]*)/.exec(text)?.[1]?.replace(/"[^"]*"/g, '') ?? ''
  const count = (char: string) => header.split(char).length
  return [',', ';', '\t'].reduce((best, char) => (count(char) > count(best) ? char : best))
}

/** csv-parse counts to the end of a record; line breaks in its cells lie before that. */
function firstLine({ record, info }: Row): number {
  return info.lines - record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0)
}

function checkHeader(file: string, line: number, columns: readonly string[]): Problem[] {
  const problems: Problem[] = []
  const told = (message: string) => problems.push({ file, line, message })
  for (const [index, column] of columns.entries()) {
    if (column === '') told(`column ${index + 1} has no name: name it or remove it`)
    else if (!CSV_COLUMNS.includes(column)) {
      const hint = didYouMean(column, CSV_COLUMNS) || `, expected one of ${CSV_COLUMNS.join(', ')}`
      told(`unknown column ${JSON.stringify(column)}${hint}`)
    } else if (columns.indexOf(column) !== index) {
      told(`the column ${column} stands there twice: keep one`)
    }
  }
  for (const required of ['id', 'address']) {
    if (!columns.includes(required) && problems.length === 0) told(`expected a column ${required}`)
  }
  return problems
}

function explainLength(columns: readonly string[], cells: readonly string[]): string {
  const got = `expected ${columns.length} cells as in the first line, got ${cells.length}`
  return cells.length > columns.length
    ? `${got}: put a value that holds the separator in quotes`
    : `${got}: separators are missing`
}

function explainSyntax(code: string): string {
  switch (code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a quote (") opens here and is not closed before the end of the file'
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'text follows a closing quote ("): write a quote inside of a quoted cell twice ("")'
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
      return 'a quote (") inside of a cell: put the whole cell in quotes and write the inner quote twice ("")'
    default:
      return `not valid CSV (${code})`
  }
}

/** `ping.interval` goes into `ping`; lists are split; empty cells are left out. */
export function deviceOfCells(
  columns: readonly string[],
  cells: readonly string[],
): Record<string, unknown> {
  const device: Record<string, unknown> = {}
  const sections: Record<string, Record<string, unknown>> = {}
  for (const [index, column] of columns.entries()) {
    const cell = (cells[index] ?? '').trim()
    if (cell === '') continue
    const value = LISTS.has(column) ? splitList(cell) : cell
    const [section = '', key] = column.split('.')
    if (key === undefined) device[column] = value
    else (sections[section] ??= {})[key] = value
  }
  const { ping, snmp } = sections
  if (ping !== undefined) device['ping'] = ping
  // Beside snmp.port and the like, a column snmp only switches: "yes" leaves the settings, "no" wins over them.
  if (snmp !== undefined && toBoolean(device['snmp'] ?? true) === true) device['snmp'] = snmp
  return device
}

function splitList(cell: string): string[] {
  return cell
    .split(LIST_SEPARATOR)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
