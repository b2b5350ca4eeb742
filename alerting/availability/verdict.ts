import type { Device } from '../../lib/inventory.ts'
import { countedParents } from '../../lib/inventory/relatives.ts'
import type { Fleet } from './fleet.ts'

/** The verdict on a device's parents is awaited for so long beyond the device's own confirmation, and no longer. */
export const VERDICT_MS = 3_000

/**
 * As much longer while samples are overdue, as on a machine that has too much to do: what decides on a parent that began
 * to fail isn't known because of that, and all that lies behind it would be told.
 */
const OVERDUE_MS = 12_000

/** A device that lay behind a parent gets this long to answer once the parent does. */
export const AFTER_PARENT_MS = 3_000

/** While failed probes aren't confirmed, a device is probed each second; a slot may be skipped. */
const SUSPECT_EVERY_MS = 2_000

/** The period of echoes, an echo more in extra probes, and the way into VictoriaMetrics. */
const ECHO_PERIOD_MS = 100
const STORED_MS = 500

/** A parent's changes come to light so much later than those of what lies behind it, which may be probed before it. */
const FLAP_VERDICT_MS = 8_000

/**
 * A parent that may yet turn out to be the cause of an outage, or null once none can: every other parent is down or cut
 * off, and this one has failed probes that aren't confirmed, or hasn't been probed since, or has just come back.
 */
export function awaitedParent(
  fleet: Fleet,
  cut: ReadonlyMap<string, number>,
  device: Device,
  since: number,
  at: number,
): string | null {
  let awaited: string | null = null
  for (const parent of countedParents(fleet.inventory, device)) {
    if (cut.has(parent.id) || fleet.evidence(parent.id)?.state?.up === false) continue
    if (!isUndecided(fleet, parent.id, device, since, at)) return null
    awaited ??= parent.id
  }
  return awaited
}

function isUndecided(
  fleet: Fleet,
  parentId: string,
  device: Device,
  since: number,
  at: number,
): boolean {
  const { state, lastSampleAt } = fleet.evidence(parentId) ?? { state: null, lastSampleAt: null }
  const isAsked = fleet.isSuspect(parentId) || (lastSampleAt ?? 0) < since
  const confirmedAt = (fleet.confirmedAt(device.id) ?? since) + probeMs(device)
  // After a restart, or for a device that is new, what was confirmed before is first looked at now.
  const until = Math.max(confirmedAt, fleet.watchedSince(device.id)) + VERDICT_MS
  if (isAsked && at < until) return true
  if (isOverdue(fleet, parentId, at) && at < until + OVERDUE_MS) return true
  if (state?.up !== true) return false
  const probedAt = fleet.evidence(device.id)?.lastSampleAt ?? 0
  // A collector that began anew doesn't know that it failed, and asks in its turn.
  const isAskedUntil = Math.max(
    state.since + 2 * AFTER_PARENT_MS,
    fleet.watchedSince(device.id) + device.ping.intervalMs,
  )
  return probedAt < state.since + AFTER_PARENT_MS && at < isAskedUntil + probeMs(device)
}

/** Whether samples that decide on a device should be known by now, and none of that time is, of any device. */
function isOverdue(fleet: Fleet, id: string, at: number): boolean {
  const device = fleet.inventory.get(id)
  if (device === undefined || fleet.newestAt === null || !fleet.isSuspect(id)) return false
  return at > fleet.newestAt + SUSPECT_EVERY_MS + probeMs(device)
}

/** Whether parents may yet turn out to flap: then what lies behind them flaps because they do. */
export const isFlapAwaited = (parents: readonly Device[], since: number, at: number): boolean =>
  parents.length > 0 && at < since + FLAP_VERDICT_MS

/** From the stamp of an extra probe without an answer until it is known, at most. */
const probeMs = ({ ping }: Device): number =>
  ping.count * ECHO_PERIOD_MS + ping.timeoutMs + STORED_MS
