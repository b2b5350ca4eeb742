import type { Uplink } from '../lib/uplink/readings.ts'
import type { DeviceJson, UplinkJson } from './schemas.ts'
import type { DeviceRow, View } from './view/build.ts'

/** The alert that says of a device that it flaps. */
const FLAPPING = 'DeviceFlapping'

/** A device as the API tells it. */
export function deviceJson(row: DeviceRow, { at }: Pick<View, 'at'>): DeviceJson {
  const { downtime_seconds, sample_age_seconds } = agesOf(row, at)
  return { ...told(row).json, downtime_seconds, sample_age_seconds }
}

/** The same as text. What doesn't depend on the instant is written once for each row, and rows outlive views. */
export function deviceText(row: DeviceRow, { at }: Pick<View, 'at'>): string {
  const { head, middle, tail } = told(row)
  const { downtime_seconds, sample_age_seconds } = agesOf(row, at)
  return `${head}${downtime_seconds}${middle}${sample_age_seconds}${tail}`
}

/** What the lengths of time stand in for while a row is written without them. */
type Timeless = DeviceJson & { downtime_seconds: null; sample_age_seconds: null }
type Told = {
  readonly json: Timeless
  readonly head: string
  readonly middle: string
  readonly tail: string
}

const toldOf = new WeakMap<DeviceRow, Told>()
// Within a text its quotes would have backslashes before them.
const DOWNTIME = '"downtime_seconds":'
const SAMPLE_AGE = '"sample_age_seconds":'

function told(row: DeviceRow): Told {
  const known = toldOf.get(row)
  if (known !== undefined) return known
  const json = timelessJson(row)
  const text = JSON.stringify(json)
  const downtimeAt = text.indexOf(`${DOWNTIME}null`) + DOWNTIME.length
  const ageAt = text.indexOf(`${SAMPLE_AGE}null`, downtimeAt) + SAMPLE_AGE.length
  const made = {
    json,
    head: text.slice(0, downtimeAt),
    middle: text.slice(downtimeAt + 'null'.length, ageAt),
    tail: text.slice(ageAt + 'null'.length),
  }
  toldOf.set(row, made)
  return made
}

function agesOf(
  row: DeviceRow,
  at: number,
): Pick<DeviceJson, 'downtime_seconds' | 'sample_age_seconds'> {
  return {
    downtime_seconds: isDown(row) ? ageSeconds(row.since, at) : null,
    sample_age_seconds: ageSeconds(row.lastSampleAt, at),
  }
}

const isDown = ({ status }: DeviceRow): boolean => status === 'down' || status === 'unreachable'

function timelessJson(row: DeviceRow): Timeless {
  const { device, status, since } = row
  return {
    id: device.id,
    name: device.name || device.id,
    address: device.address,
    branch: orNull(device.branch),
    region: orNull(device.region),
    type: orNull(device.type),
    role: orNull(device.role),
    vendor: orNull(device.vendor),
    model: orNull(device.model),
    status,
    since: isoOrNull(since),
    down_since: isDown(row) ? isoOrNull(since) : null,
    downtime_seconds: null,
    last_sample_at: isoOrNull(row.lastSampleAt),
    sample_age_seconds: null,
    rtt_ms: row.rttSeconds === null ? null : milliseconds(row.rttSeconds),
    loss_ratio: row.lossRatio,
    flapping: row.alerts.some(({ name, state }) => name === FLAPPING && state === 'firing'),
    maintenance: maintenanceJson(row),
    acknowledged: acknowledgedJson(row),
    problems: row.alerts.map(({ name, severity, state, activeAt }) => ({
      alert: name,
      severity,
      state,
      active_at: isoOrNull(activeAt),
    })),
    snmp: snmpJson(row),
    uplinks: row.uplinks.map(uplinkJson),
    parents: [...device.parents],
    cause: [...row.causes],
    tags: [...device.tags],
    origin: device.origin ?? 'file',
  }
}

function maintenanceJson({ maintenance }: DeviceRow): DeviceJson['maintenance'] {
  if (maintenance === null) return null
  const { id, name, until } = maintenance
  return { id, name, until: isoOrNull(until) }
}

function acknowledgedJson({ acknowledgement }: DeviceRow): DeviceJson['acknowledged'] {
  if (acknowledgement === null) return null
  const { createdBy, comment, at, expiresAt } = acknowledgement
  return { by: createdBy, comment, at: isoOrNull(at), until: isoOrNull(expiresAt) }
}

function snmpJson({ device, snmp }: DeviceRow): DeviceJson['snmp'] {
  if (device.snmp === null) return null
  if (snmp === null) return { status: 'unknown', last_sample_at: null }
  return { status: snmp.up ? 'ok' : 'failing', last_sample_at: isoOrNull(snmp.at) }
}

function uplinkJson({ name, interface: of, alias, state, since }: Uplink): UplinkJson {
  return { name, interface: of, alias: orNull(alias), state, since: isoOrNull(since) }
}

/** ISO 8601 in UTC with milliseconds; null for what isn't known or isn't a time. */
export function isoOrNull(at: number | null): string | null {
  return at === null || !(Math.abs(at) <= 8.64e15) ? null : new Date(at).toISOString()
}

/** Whole milliseconds as seconds, never negative: a stamp of a clock that runs ahead is 0 old. */
export function ageSeconds(since: number | null, at: number): number | null {
  return since === null ? null : Math.max(0, at - since) / 1000
}

/** Seconds as milliseconds with three digits: a microsecond is what a probe can tell. */
export const milliseconds = (seconds: number): number => Math.round(seconds * 1e6) / 1e3

export const orNull = (text: string): string | null => (text === '' ? null : text)
