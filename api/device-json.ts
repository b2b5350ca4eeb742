import type { Uplink } from '../lib/uplink/readings.ts'
import type { DeviceJson, UplinkJson } from './schemas.ts'
import type { DeviceRow, View } from './view/build.ts'

/** The alert that says of a device that it flaps. */
const FLAPPING = 'DeviceFlapping'

const jsonOf = new WeakMap<DeviceRow, DeviceJson>()

/** A device as the API tells it; made once for each row of a view. */
export function deviceJson(row: DeviceRow, view: View): DeviceJson {
  let json = jsonOf.get(row)
  if (json === undefined) jsonOf.set(row, (json = makeJson(row, view.at)))
  return json
}

function makeJson(row: DeviceRow, at: number): DeviceJson {
  const { device, status, since } = row
  const isDown = status === 'down' || status === 'unreachable'
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
    down_since: isDown ? isoOrNull(since) : null,
    downtime_seconds: isDown ? ageSeconds(since, at) : null,
    last_sample_at: isoOrNull(row.lastSampleAt),
    sample_age_seconds: ageSeconds(row.lastSampleAt, at),
    rtt_ms: row.rttSeconds === null ? null : milliseconds(row.rttSeconds),
    loss_ratio: row.lossRatio,
    flapping: row.alerts.some(({ name, state }) => name === FLAPPING && state === 'firing'),
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
  }
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
