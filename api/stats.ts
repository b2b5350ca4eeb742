import { type Sliced, atOnce } from '../lib/slices.ts'
import { STATUSES, isStale } from '../lib/status.ts'
import { summarizeUplinks } from '../lib/uplink.ts'
import { blindJson } from './blindness.ts'
import { ageSeconds, deviceJson, isDown, isoOrNull, milliseconds } from './device-json.ts'
import { sortDevices } from './list-devices.ts'
import type { SamplesJson, StatsJson } from './health-schema.ts'
import type { BranchJson, Counts, RegionJson, Worst } from './schemas.ts'
import type { DeviceRow, View } from './view/build.ts'

/** How many of its longest outages a branch or region shows. */
const WORST = 5

const collator = new Intl.Collator('en', { numeric: true })

/** Devices by status. `total` leaves the disabled ones out. */
export function countStatuses(rows: readonly DeviceRow[]): Counts {
  const counts: Counts = { total: 0, up: 0, down: 0, unreachable: 0, unknown: 0, disabled: 0 }
  for (const { status } of rows) counts[status]++
  for (const status of STATUSES) if (status !== 'disabled') counts.total += counts[status]
  return counts
}

export function branchesOf(view: View): BranchJson[] {
  return groups(view, (row) => row.device.branch).map(([branch, rows]) => {
    const regions = new Set(rows.map((row) => row.device.region))
    const [region = ''] = regions
    const uplinks = branchUplinks(rows, view)
    return {
      branch: branch || null,
      region: regions.size === 1 ? region || null : null,
      devices: countStatuses(rows),
      outages: outagesOf(rows),
      worst: worstOf(rows, view),
      uplinks,
      uplink_status: summarizeUplinks(uplinks.map(({ state }) => state)),
    }
  })
}

export function regionsOf(view: View): RegionJson[] {
  return groups(view, (row) => row.device.region).map(([region, rows]) => ({
    region: region || null,
    branches: new Set(rows.map((row) => row.device.branch)).size,
    devices: countStatuses(rows),
    worst: worstOf(rows, view),
  }))
}

type Counted = Omit<StatsJson, 'status' | 'reasons' | 'mode' | 'version'>

const counted = new WeakMap<View, Counted>()

/** What the head of the page counts, but for the health that goes with it. Counted once for each view. */
export function statsOf(view: View): Counted {
  return counted.get(view) ?? atOnce(countInSlices(view))
}

/** Counts it before anybody asks, piece by piece: of a large fleet it takes longer than an answer may. */
export function* countInSlices(view: View): Sliced<Counted> {
  const rtts = view.rows.flatMap(({ rttSeconds }) => (rttSeconds === null ? [] : [rttSeconds]))
  yield
  const bySeverity: Record<string, number> = {}
  const firing = view.alerts.filter(({ state }) => state === 'firing')
  for (const { severity } of firing) {
    const name = severity ?? 'none'
    bySeverity[name] = (bySeverity[name] ?? 0) + 1
  }
  yield
  const devices = countStatuses(view.rows)
  yield
  const branches = affected(view, (row) => row.device.branch)
  yield
  const regions = affected(view, (row) => row.device.region)
  yield
  const rtt = { mean: meanMs(rtts), p95: percentileMs(rtts, 0.95) }
  yield
  const stats = {
    as_of: new Date(view.at).toISOString(),
    devices,
    branches,
    regions,
    alerts: {
      firing: firing.length,
      pending: view.alerts.length - firing.length,
      by_severity: bySeverity,
    },
    rtt_ms: rtt,
    samples: samplesOf(view),
    blind: blindJson(view),
    last_evaluation_at: isoOrNull(view.pipeline.lastEvaluationAt),
  }
  counted.set(view, stats)
  return stats
}

const sampled = new WeakMap<View, SamplesJson>()

/** How fresh the samples of the enabled devices are. */
export function samplesOf(view: View): SamplesJson {
  let samples = sampled.get(view)
  if (samples === undefined) sampled.set(view, (samples = countSamples(view)))
  return samples
}

function countSamples({ rows, at, pipeline }: View): SamplesJson {
  let fresh = 0
  let late = 0
  let never = 0
  let newest: number | null = null
  for (const { device, lastSampleAt } of rows) {
    if (!device.enabled) continue
    if (lastSampleAt === null) never++
    else if (isStale(device, lastSampleAt, at)) late++
    else fresh++
    if (lastSampleAt !== null) newest = Math.max(newest ?? lastSampleAt, lastSampleAt)
  }
  return {
    fresh,
    late,
    never,
    newest_at: isoOrNull(newest),
    age_seconds: ageSeconds(newest, at),
    stored_ratio: pipeline.storedRatio,
  }
}

function groups(view: View, key: (row: DeviceRow) => string): [string, DeviceRow[]][] {
  return [...Map.groupBy(view.rows, key)].sort(([a], [b]) => collator.compare(a, b))
}

function outagesOf(rows: readonly DeviceRow[]): BranchJson['outages'] {
  const handled = { open: 0, acknowledged: 0, maintenance: 0 }
  let oldest: number | null = null
  let newest: number | null = null
  for (const row of rows) {
    if (!isDown(row)) continue
    handled[handledBy(row)]++
    if (row.since === null) continue
    oldest = Math.min(oldest ?? row.since, row.since)
    newest = Math.max(newest ?? row.since, row.since)
  }
  return { ...handled, oldest_since: isoOrNull(oldest), newest_since: isoOrNull(newest) }
}

/** Planned work comes first: who acknowledged it as well has nothing to do meanwhile. */
function handledBy(row: DeviceRow): 'open' | 'acknowledged' | 'maintenance' {
  if (row.maintenance !== null) return 'maintenance'
  return row.acknowledgement === null ? 'open' : 'acknowledged'
}

function worstOf(rows: readonly DeviceRow[], view: View): Worst[] {
  const down = rows.filter(isDown)
  return sortDevices(down, '-downtime')
    .slice(0, WORST)
    .map((row) => {
      const { id, name, status, down_since, downtime_seconds } = deviceJson(row, view)
      return { id, name, status, down_since, downtime_seconds }
    })
}

/** By name, so that the first of each branch is the same provider's. */
function branchUplinks(rows: readonly DeviceRow[], view: View): BranchJson['uplinks'] {
  return rows
    .filter(({ uplinks }) => uplinks.length > 0)
    .flatMap((row) => {
      const { id, uplinks } = deviceJson(row, view)
      return uplinks.map((uplink) => ({ ...uplink, device: id }))
    })
    .sort((a, b) => collator.compare(a.name, b.name))
}

function affected(
  view: View,
  key: (row: DeviceRow) => string,
): { total: number; affected: number } {
  const all = new Set<string>()
  const hit = new Set<string>()
  for (const row of view.rows) {
    const name = key(row)
    if (name === '' || row.status === 'disabled') continue
    all.add(name)
    if (isDown(row)) hit.add(name)
  }
  return { total: all.size, affected: hit.size }
}

function meanMs(seconds: readonly number[]): number | null {
  if (seconds.length === 0) return null
  return milliseconds(seconds.reduce((sum, value) => sum + value, 0) / seconds.length)
}

function percentileMs(seconds: readonly number[], share: number): number | null {
  const sorted = Float64Array.from(seconds).sort()
  const value = sorted[Math.ceil(share * sorted.length) - 1]
  return value === undefined ? null : milliseconds(value)
}
