import type { Device, Inventory } from '../inventory.ts'
import { type Labels, labelsKey } from '../labels.ts'
import { STALE_INTERVALS } from '../status.ts'
import { type UplinkState, uplinkState } from '../uplink.ts'
import type { Vector } from '../victoriametrics.ts'

/** Interfaces that the collector found to be uplinks. */
export const UPLINK_STATUSES = '{__name__=~"if(Oper|Admin)Status",uplink!=""}'

/** `ifOperStatus` and `ifAdminStatus` of uplinks, and, without a name, the stamp of the newest `ifOperStatus`. */
export const uplinksQuery = (windowMs: number): string =>
  `union(last_over_time(${UPLINK_STATUSES}[${windowMs}ms]), tlast_over_time(ifOperStatus{uplink!=""}[${windowMs}ms]))`

/** What the newest poll that read it told of one uplink. Instants are Unix milliseconds. */
export type UplinkReading = {
  readonly labels: Labels
  readonly at: number
  /** ifOperStatus and ifAdminStatus; null where the agent has none. */
  readonly oper: number | null
  readonly admin: number | null
}

/** By interface: see `readUplinks`. */
export type UplinkReadings = ReadonlyMap<string, UplinkReading>

/** Readings of before, with the first one of the same state, where that is known. */
export type PastUplinks = ReadonlyMap<string, UplinkReading & { readonly since: number | null }>

export type Uplink = {
  readonly name: string
  readonly interface: string
  readonly alias: string
  readonly state: UplinkState
  /** The first reading of this state; null where that isn't known. */
  readonly since: number | null
}

/** The newest poll of a device: when it was, and whether it read everything. */
type Poll = { readonly up: boolean; readonly at: number }

/**
 * The readings in an answer to `uplinksQuery`, by interface. One whose alias, branch or uplink changed has several series
 * for a while: the newest speaks for it.
 */
export function readUplinks(vector: Vector): Map<string, UplinkReading> {
  const values = new Map<string, number>()
  for (const { labels, value } of vector) {
    const metric = labels['__name__']
    if (metric !== undefined) values.set(`${metric} ${seriesKey(labels)}`, value)
  }
  const readings = new Map<string, UplinkReading>()
  for (const { labels, value } of vector) {
    if (labels['__name__'] !== undefined || !Number.isFinite(value)) continue
    const at = Math.round(value * 1000)
    const key = interfaceKey(labels)
    if ((readings.get(key)?.at ?? -Infinity) >= at) continue
    const series = seriesKey(labels)
    const oper = values.get(`ifOperStatus ${series}`) ?? null
    const admin = values.get(`ifAdminStatus ${series}`) ?? null
    readings.set(key, { labels, at, oper, admin })
  }
  return readings
}

/**
 * The uplinks of each device, in the order of their names. One that isn't read any more is `unknown` while its device
 * doesn't answer, and left out once the device answers without it.
 */
export function uplinksOf(
  readings: UplinkReadings,
  past: PastUplinks,
  {
    inventory,
    polled,
    at,
  }: { inventory: Inventory; polled: (id: string) => Poll | null; at: number },
): Map<string, Uplink[]> {
  const known = new Map<string, UplinkReading>([...past, ...readings])
  const newest = newestOfEachName(known.values())
  const found = new Map<string, Uplink[]>()
  for (const [key, reading] of known) {
    const device = inventory.get(reading.labels['device'] ?? '')
    if (device === undefined || !device.enabled || device.snmp === null) continue
    const poll = polled(device.id)
    const isFresh = isRead(reading, device, poll, at)
    const isGone = !isFresh && poll?.up === true && isRecent(poll.at, device, at)
    // The interface was renumbered: it has another index now.
    const isReplaced = reading.at < (newest.get(nameKey(reading.labels)) ?? 0)
    if (isGone || isReplaced) continue
    const list = found.get(device.id) ?? []
    list.push(toUplink(reading, isFresh, past.get(key)?.since ?? null))
    found.set(device.id, list)
  }
  for (const list of found.values()) list.sort(byName)
  return found
}

/** After a poll that failed only what this very poll read counts: the agent answered the rest before it fell silent. */
function isRead(reading: UplinkReading, device: Device, poll: Poll | null, at: number): boolean {
  if (poll === null || !isRecent(reading.at, device, at)) return false
  return poll.up || reading.at >= poll.at
}

function isRecent(stamp: number, { snmp }: Device, at: number): boolean {
  return snmp !== null && Math.abs(at - stamp) <= STALE_INTERVALS * snmp.intervalMs
}

function toUplink(
  { labels, oper, admin }: UplinkReading,
  isFresh: boolean,
  since: number | null,
): Uplink {
  const state = uplinkState({ oper, admin, isFresh })
  return {
    name: labels['uplink'] ?? '',
    interface: interfaceName(labels),
    alias: labels['ifAlias'] ?? '',
    state,
    since: state === 'unknown' ? null : since,
  }
}

function newestOfEachName(readings: Iterable<UplinkReading>): Map<string, number> {
  const newest = new Map<string, number>()
  for (const { labels, at } of readings) {
    const key = nameKey(labels)
    newest.set(key, Math.max(newest.get(key) ?? 0, at))
  }
  return newest
}

const interfaceName = (labels: Labels): string =>
  labels['ifName'] || labels['ifDescr'] || labels['ifIndex'] || ''

const nameKey = (labels: Labels): string =>
  JSON.stringify([labels['device'], interfaceName(labels)])

const interfaceKey = (labels: Labels): string =>
  JSON.stringify([labels['device'], interfaceName(labels), labels['ifIndex']])

/** The same for the series of one interface, whatever they measure. */
export function seriesKey({ __name__: _name, ...labels }: Labels): string {
  return labelsKey(labels)
}

const collator = new Intl.Collator('en', { numeric: true })
const byName = (a: Uplink, b: Uplink): number =>
  collator.compare(a.name, b.name) || collator.compare(a.interface, b.interface)
