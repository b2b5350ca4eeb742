import { blindSince } from '../../lib/blindness.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { STALE_INTERVALS } from '../../lib/status.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import type { Newest } from './newest.ts'

/** A collector that has lost its network: what it didn't get an answer to says nothing of its devices. */
export type BlindCollector = {
  /** The vantage on its samples. */
  readonly name: string
  readonly since: number
  /** The ids of those that it is the one to know of: nothing is known of them. */
  readonly devices: readonly string[]
}

/**
 * The devices of which nothing is known, as the collector of their newest sample is blind and none that sees looks after
 * them, and since when. `sampled` is a `tlast_over_time` vector of all vantages.
 */
export function blindDevices(
  lastMarks: Vector,
  newest: ReadonlyMap<string, Newest>,
  sampled: Vector,
  inventory: Inventory,
): ReadonlyMap<string, number> {
  return devicesOfOnly(blindSince(lastMarks), newest, sampled, inventory)
}

/** The devices that no vantage but these looks after, each with what is said of the vantage of its newest sample. */
export function devicesOfOnly(
  vantages: ReadonlyMap<string, number>,
  newest: ReadonlyMap<string, Newest>,
  sampled: Vector,
  inventory: Inventory,
): ReadonlyMap<string, number> {
  const devices = new Map<string, number>()
  if (vantages.size === 0) return devices
  for (const [id, { labels }] of newest) {
    const known = vantages.get(labels['vantage'] ?? '')
    if (known !== undefined) devices.set(id, known)
  }
  for (const { labels, value } of sampled) {
    const id = labels['device'] ?? ''
    const device = inventory.get(id)
    if (device === undefined || !devices.has(id) || vantages.has(labels['vantage'] ?? '')) continue
    const lagMs = (newest.get(id)?.at ?? 0) - value * 1000
    if (lagMs <= STALE_INTERVALS * device.ping.intervalMs) devices.delete(id)
  }
  return devices
}

/** The collectors that are blind, and which of these devices, of which nothing is known, are theirs. */
export function blindCollectors(
  lastMarks: Vector,
  newest: ReadonlyMap<string, Newest>,
  unknown: Iterable<string>,
): BlindCollector[] {
  const blind = blindSince(lastMarks)
  if (blind.size === 0) return []
  const devices = Map.groupBy(unknown, (id) => newest.get(id)?.labels['vantage'] ?? '')
  return [...blind].map(([name, since]) => ({ name, since, devices: devices.get(name) ?? [] }))
}
