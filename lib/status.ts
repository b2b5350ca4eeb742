import type { Device } from './inventory.ts'
import { type Sliced, atOnce } from './slices.ts'

/** What a device's samples and its inventory entry amount to; the one place that decides it. */
export type Status = 'up' | 'down' | 'unreachable' | 'unknown' | 'disabled'

export const STATUSES = [
  'down',
  'unreachable',
  'unknown',
  'up',
  'disabled',
] as const satisfies readonly Status[]

/** A device's kept state: the last confirmed transition and its first probe. Unix milliseconds. */
export type DeviceState = { readonly up: boolean; readonly since: number }

export type Evidence = {
  /** Null: no confirmed state yet. */
  readonly state: DeviceState | null
  /** Stamp of the newest ping sample, null when there is none. */
  readonly lastSampleAt: number | null
  /** Stamp of a newer one that says nothing: it was taken by a collector that had lost its network. */
  readonly voidAt?: number
  /** Whether the collector of the newest one has lost its network: then nothing is known. Left out: it hasn't. */
  readonly isBlind?: boolean
  /** Samples of after this are on their way: what is known is of then. Left out: none are. */
  readonly knownUntil?: number
}

/** A status is `unknown` when the newest sample is older than this many intervals. */
export const STALE_INTERVALS = 2.5

/** The collector polls a device whose SNMP keeps failing at least so often, or at its interval where that is longer. */
export const MOST_SNMP_REST_MS = 300_000

/** How long the outcome of a poll counts: that of a device that keeps failing until it is tried again. */
export function snmpStaysMs(intervalMs: number, up: boolean): number {
  const stays = STALE_INTERVALS * intervalMs
  return up ? stays : Math.max(stays, MOST_SNMP_REST_MS + 1.5 * intervalMs)
}

/**
 * The status of every device of the inventory at `at`. A device is `unreachable` when it is down and it has
 * parents, all of which are down or unreachable, or unknown behind such. (The inventory refuses cycles of parents.)
 */
export function deriveStatuses(
  devices: Iterable<Device>,
  evidence: (id: string) => Evidence | undefined,
  at: number,
): Map<string, Status> {
  return atOnce(statusesInSlices(devices, evidence, at))
}

/** Devices that are looked at before others may run. */
const DEVICES_AT_ONCE = 512

/** The same, for who does it piece by piece. `own` may have statuses of the very same devices, which are overwritten. */
export function* statusesInSlices(
  devices: Iterable<Device>,
  evidence: (id: string) => Evidence | undefined,
  at: number,
  own = new Map<string, Status>(),
): Sliced<Map<string, Status>> {
  // Of those that can be cut off, or stand between one that is and the cause.
  const parentsOf = new Map<string, readonly string[]>()
  let looked = 0
  for (const device of devices) {
    const status = ownStatus(device, evidence(device.id), at)
    own.set(device.id, status)
    const isAsked = status === 'down' || status === 'unknown'
    if (isAsked && device.parents.length > 0) parentsOf.set(device.id, device.parents)
    if (++looked % DEVICES_AT_ONCE === 0) yield
  }
  const cut = new Set<string>()
  for (const [id, parents] of parentsOf) {
    if (own.get(id) === 'down' && areCut(parents, own, parentsOf)) cut.add(id)
    if (++looked % DEVICES_AT_ONCE === 0) yield
  }
  // After all of them: whether one is cut off is read from what each is by itself.
  for (const id of cut) own.set(id, 'unreachable')
  return own
}

/** Stamp of the newest sample, whether it says anything or not: that it came shows that the device is looked after. */
export function lastHeardAt({ lastSampleAt, voidAt }: Evidence): number | null {
  return voidAt === undefined ? lastSampleAt : Math.max(voidAt, lastSampleAt ?? voidAt)
}

/** The newest sample of those that nothing is missing before. */
function lastKnownAt(evidence: Evidence): number | null {
  const heardAt = lastHeardAt(evidence)
  return heardAt === null ? null : Math.min(heardAt, evidence.knownUntil ?? heardAt)
}

/** True once the newest sample is too old to say anything about now, or lies in a future that a wrong clock made. */
export function isStale(device: Device, lastSampleAt: number | null, at: number): boolean {
  return (
    lastSampleAt === null || Math.abs(at - lastSampleAt) > STALE_INTERVALS * device.ping.intervalMs
  )
}

function ownStatus(device: Device, evidence: Evidence | undefined, at: number): Status {
  if (!device.enabled) return 'disabled'
  if (evidence === undefined || evidence.state === null) return 'unknown'
  if (evidence.isBlind === true || isStale(device, lastKnownAt(evidence), at)) return 'unknown'
  return evidence.state.up ? 'up' : 'down'
}

/** A chain of devices of which nothing is known is followed so far. */
const MOST_UNKNOWN = 100

/** Every parent that counts is down, or unknown behind such; parents that left the inventory or are disabled don't count. */
function areCut(
  parents: readonly string[],
  own: ReadonlyMap<string, Status>,
  parentsOf: ReadonlyMap<string, readonly string[]>,
  depth = 0,
): boolean {
  const counted = parents.filter((id) => own.has(id) && own.get(id) !== 'disabled')
  return (
    counted.length > 0 &&
    counted.every((id) => {
      if (own.get(id) !== 'unknown') return own.get(id) === 'down'
      return depth < MOST_UNKNOWN && areCut(parentsOf.get(id) ?? [], own, parentsOf, depth + 1)
    })
  )
}
