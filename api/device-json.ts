import type { Uplink } from '../lib/uplink/readings.ts'
import type { DeviceJson, UplinkJson } from './schemas.ts'
import type { DeviceRow, View } from './view/build.ts'

/** The alert that says of a device that it flaps. */
const FLAPPING = 'DeviceFlapping'

/** A device as the API tells it. */
export function deviceJson(row: DeviceRow, { at }: Pick<View, 'at'>): DeviceJson {
  return Object.assign(timelessJson(row), agesOf(row, at))
}

/** How many bytes `writeDevice` takes at most. */
export const roomOf = (row: DeviceRow): number => told(row).bytes.byteLength + 2 * LONGEST_NUMBER

/**
 * The same, written as JSON into `target` from `offset` on; gives where it ends. What doesn't depend on the instant is
 * written once for each row, and rows outlive views.
 */
export function writeDevice(
  row: DeviceRow,
  { at }: Pick<View, 'at'>,
  target: Buffer,
  offset: number,
): number {
  const { bytes, downtimeAt, ageAt } = told(row)
  const { downtime_seconds, sample_age_seconds } = agesOf(row, at)
  let end = offset + bytes.copy(target, offset, 0, downtimeAt)
  end += target.write(String(downtime_seconds), end, 'latin1')
  end += bytes.copy(target, end, downtimeAt, ageAt)
  end += target.write(String(sample_age_seconds), end, 'latin1')
  return end + bytes.copy(target, end, ageAt)
}

/** The same as text. */
export function deviceText(row: DeviceRow, view: Pick<View, 'at'>): string {
  const target = Buffer.allocUnsafe(roomOf(row))
  return target.toString('utf8', 0, writeDevice(row, view, target, 0))
}

const LONGEST_NUMBER = 24

/** A row written without the lengths of time. */
type Told = {
  readonly bytes: Buffer
  /** Where in the bytes they belong. */
  readonly downtimeAt: number
  readonly ageAt: number
}

const toldOf = new WeakMap<DeviceRow, Told>()
// Within a text its quotes would have backslashes before them.
const DOWNTIME = '"downtime_seconds":'
const SAMPLE_AGE = '"sample_age_seconds":'

function told(row: DeviceRow): Told {
  const known = toldOf.get(row)
  if (known !== undefined) return known
  const [head, afterHead] = parted(JSON.stringify(timelessJson(row)), DOWNTIME)
  const [middle, tail] = parted(afterHead, SAMPLE_AGE)
  const downtimeAt = Buffer.byteLength(head)
  const ageAt = downtimeAt + Buffer.byteLength(middle)
  // Its own memory, not a part of what is shared: that would be kept as long as any of its parts.
  const bytes = Buffer.allocUnsafeSlow(ageAt + Buffer.byteLength(tail))
  bytes.write(head + middle + tail)
  const made = { bytes, downtimeAt, ageAt }
  toldOf.set(row, made)
  return made
}

/** What comes before and after the `null` of a member. */
function parted(text: string, member: string): [string, string] {
  const at = text.indexOf(`${member}null`) + member.length
  return [text.slice(0, at), text.slice(at + 'null'.length)]
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

export const isDown = ({ status }: DeviceRow): boolean =>
  status === 'down' || status === 'unreachable'

/** The lengths of time are `null`. */
function timelessJson(row: DeviceRow): DeviceJson {
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
