import type { Device } from '../../lib/inventory.ts'
import type { Sliced } from '../../lib/slices.ts'
import { type Outage, outagesOf } from './outages.ts'
import { type Counts, type Segment, segmentsOf } from './segments.ts'
import type { Facts } from './facts.ts'
import type { Excluded } from './maintenance.ts'
import type { Span } from './spans.ts'

export const GROUPINGS = ['device', 'branch', 'region'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** One line of a report; times are milliseconds. */
export type Row = {
  /** The id of a device, the name of a branch or region. */
  readonly key: string
  readonly devices: readonly Device[]
  /** Of all its devices together. */
  readonly ms: Readonly<Record<Counts, number>>
  /** Of a branch or region: times in which it was down as a whole. */
  readonly outages: readonly Outage[]
  /** Outages with a time that counts. */
  readonly outageCount: number
  readonly mttrMs: number | null
  readonly mtbfMs: number | null
}

/** All devices of a report together. */
export type Total = Pick<Row, 'devices' | 'ms'>

/** Pure: the rows in the order of the worst availability, and the sum of all devices. */
export function* rowsInSlices(
  facts: Facts,
  excluded: Excluded,
  devices: readonly Device[],
  { by, range }: { by: Grouping; range: Span },
): Sliced<{ rows: Row[]; total: Total }> {
  const segments = new Map<Device, readonly Segment[]>()
  for (const device of devices) {
    const history = facts.histories.get(device.id)
    const own = history === undefined ? [] : segmentsOf(history, excluded.of(device), range)
    segments.set(device, own)
    yield
  }
  const rows: Row[] = []
  const ms: Record<Counts, number> = { up: 0, down: 0, excluded: 0, unknown: 0 }
  for (const [key, members] of Map.groupBy(devices, (one) =>
    by === 'device' ? one.id : one[by],
  )) {
    const row = rowOf(key, members, segments, range)
    for (const counts of COUNTS) ms[counts] += row.ms[counts]
    const since = by === 'device' ? facts.downBefore.get(key) : undefined
    rows.push({ ...row, outages: sinceBefore(row.outages, since, range) })
    yield
  }
  return { rows: rows.sort(worstFirst), total: { devices, ms } }
}

const COUNTS = ['up', 'down', 'excluded', 'unknown'] as const satisfies readonly Counts[]

function rowOf(
  key: string,
  devices: readonly Device[],
  segments: ReadonlyMap<Device, readonly Segment[]>,
  { until }: Span,
): Row {
  const lists = devices.map((device) => segments.get(device) ?? [])
  const ms: Record<Counts, number> = { up: 0, down: 0, excluded: 0, unknown: 0 }
  for (const list of lists)
    for (const { counts, from, until: end } of list) ms[counts] += end - from
  const { outages, upMs } = outagesOf(lists, until)
  const outageCount = outages.filter(({ downMs }) => downMs > 0).length
  const downMs = outages.reduce((sum, outage) => sum + outage.downMs, 0)
  return {
    key,
    devices,
    ms,
    outages,
    outageCount,
    mttrMs: outageCount === 0 ? null : downMs / outageCount,
    mtbfMs: outageCount === 0 ? null : upMs / outageCount,
  }
}

/** The share of the time that counts in which it was up; null where none does. */
export function availabilityOf({ up, down }: Row['ms']): number | null {
  return up + down === 0 ? null : up / (up + down)
}

/** An outage that was under way when the range began tells when it truly did. */
function sinceBefore(
  outages: readonly Outage[],
  since: number | undefined,
  { from }: Span,
): readonly Outage[] {
  const [first, ...rest] = outages
  if (first === undefined || since === undefined || first.start !== from) return outages
  return [{ ...first, start: Math.min(since, from) }, ...rest]
}

function worstFirst(one: Row, other: Row): number {
  const [a, b] = [availabilityOf(one.ms) ?? 2, availabilityOf(other.ms) ?? 2]
  if (a !== b) return a - b
  return one.key < other.key ? -1 : 1
}
