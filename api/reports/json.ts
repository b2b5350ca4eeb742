import { z } from '@hono/zod-openapi'
import type { MaintenanceWindow } from '../../lib/decisions/window.ts'
import type { Sliced } from '../../lib/slices.ts'
import { isoOrNull } from '../device-json.ts'
import type { CountedWindow } from './maintenance.ts'
import type { Outage } from './outages.ts'
import type { Report } from './report.ts'
import { GROUPINGS, type Row, type Total, availabilityOf } from './rows.ts'
import type { Span } from './spans.ts'

const time = z.iso.datetime({ precision: 3 })
const seconds = z.number().min(0)

const outageSchema = z.strictObject({
  /** When it truly began: an outage that was under way at the range's beginning did so before it. */
  start: time,
  /** Null: it isn't over at the range's end. */
  end: time.nullable(),
  /** Of the time in the range: down and counted. */
  seconds,
  excluded_seconds: seconds,
  unknown_seconds: seconds,
})

const spanned = { from: time, to: time }

const sums = {
  /** How many devices it is the sum of. */
  devices: z.int().min(0),
  ...spanned,
  seconds: z.strictObject({
    total: seconds,
    up: seconds,
    down: seconds,
    excluded: seconds,
    unknown: seconds,
  }),
  /** Up and down. */
  denominator_seconds: seconds,
  /** Up ÷ denominator; null where nothing counts. */
  availability: z.number().min(0).max(1).nullable(),
}

const rowSchema = z.strictObject({
  key: z.string(),
  name: z.string(),
  branch: z.string().nullable(),
  region: z.string().nullable(),
  ...sums,
  outage_count: z.int().min(0),
  mttr_seconds: seconds.nullable(),
  mtbf_seconds: seconds.nullable(),
  /** Left out with `outages=false`. */
  outages: z.array(outageSchema).optional(),
})

const totalSchema = z.strictObject(sums)

const windowSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  created_by: z.string(),
  comment: z.string(),
  updated_at: time.nullable(),
  from_configuration: z.boolean(),
  /** Within the range. */
  seconds,
  /** Devices of the report that it covers. */
  devices: z.int().min(1),
})

export const reportSchema = z.strictObject({
  by: z.enum(GROUPINGS),
  ...spanned,
  month: z.string().nullable(),
  time_zone: z.string(),
  /** The past instant whose windows count, where one was asked for; else the newest change to those that count. */
  windows_as_of: time.nullable(),
  /** The same text: the same windows counted. */
  windows_version: z.string(),
  windows: z.array(windowSchema),
  total: totalSchema,
  /** The worst first. */
  rows: z.array(rowSchema),
})

export type ReportJson = z.output<typeof reportSchema>
export type RowJson = z.output<typeof rowSchema>

/** All of it but the rows. */
function headOf(report: Report): Omit<ReportJson, 'rows'> {
  const { by, range, month, timeZone, excluded, windowsAsOf, total } = report
  const changes = excluded.windows.map(({ window }) => window.updatedAt).filter((at) => at > 0)
  const asOf = windowsAsOf ?? (changes.length === 0 ? null : Math.max(...changes))
  return {
    by,
    from: iso(range.from),
    to: iso(range.until),
    month,
    time_zone: timeZone,
    windows_as_of: isoOrNull(asOf),
    windows_version: excluded.version,
    windows: excluded.windows.map(windowJson),
    total: sumsJson(report, total),
  }
}

export const reportJson = (report: Report, { outages }: { outages: boolean }): ReportJson => ({
  ...headOf(report),
  rows: report.rows.map((row) => rowJson(report, row, { outages })),
})

/** The same as a text: with its outages a month of a fleet is some megabytes. */
export function* reportText(report: Report, { outages }: { outages: boolean }): Sliced<string> {
  const rows: string[] = []
  for (const row of report.rows) {
    rows.push(JSON.stringify(rowJson(report, row, { outages })))
    yield
  }
  return `${JSON.stringify(headOf(report)).slice(0, -1)},"rows":[${rows.join()}]}`
}

export function rowJson(
  { by, range }: Pick<Report, 'by' | 'range'>,
  row: Row,
  { outages }: { outages: boolean },
): RowJson {
  const [first] = row.devices
  const isDevice = by === 'device'
  return {
    key: row.key,
    name: isDevice ? first?.name || row.key : row.key,
    branch: isDevice ? (first?.branch ?? null) : by === 'branch' ? row.key : null,
    region: isDevice ? (first?.region ?? null) : by === 'region' ? row.key : null,
    ...sumsJson({ range }, row),
    outage_count: row.outageCount,
    mttr_seconds: row.mttrMs === null ? null : secondsOf(Math.round(row.mttrMs)),
    mtbf_seconds: row.mtbfMs === null ? null : secondsOf(Math.round(row.mtbfMs)),
    ...(outages ? { outages: row.outages.map(outageJson) } : {}),
  }
}

function sumsJson(
  { range }: Pick<Report, 'range'>,
  { devices, ms }: Total,
): z.output<typeof totalSchema> {
  const { up, down, excluded, unknown } = ms
  return {
    devices: devices.length,
    from: iso(range.from),
    to: iso(range.until),
    seconds: {
      total: secondsOf(up + down + excluded + unknown),
      up: secondsOf(up),
      down: secondsOf(down),
      excluded: secondsOf(excluded),
      unknown: secondsOf(unknown),
    },
    denominator_seconds: secondsOf(up + down),
    availability: availabilityOf(ms),
  }
}

const outageJson = (outage: Outage): z.output<typeof outageSchema> => ({
  start: iso(outage.start),
  end: isoOrNull(outage.end),
  seconds: secondsOf(outage.downMs),
  excluded_seconds: secondsOf(outage.excludedMs),
  unknown_seconds: secondsOf(outage.unknownMs),
})

function windowJson({ window, spans, devices }: CountedWindow): z.output<typeof windowSchema> {
  const { id, name, createdBy, comment, updatedAt } = window
  return {
    id,
    name,
    created_by: createdBy,
    comment,
    updated_at: updatedAt === 0 ? null : iso(updatedAt),
    from_configuration: isOfConfiguration(window),
    seconds: secondsOf(lengthOf(spans)),
    devices,
  }
}

const isOfConfiguration = ({ id }: MaintenanceWindow): boolean => id.startsWith('config:')

const lengthOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, { from, until }) => sum + until - from, 0)

const secondsOf = (ms: number): number => ms / 1000
const iso = (at: number): string => new Date(at).toISOString()
