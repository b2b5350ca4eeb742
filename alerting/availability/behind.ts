import type { Device } from '../../lib/inventory.ts'
import { cutOff, rootCause } from './topology.ts'
import { awaitedParent } from './verdict.ts'
import type { Fleet } from './fleet.ts'

/**
 * The devices that can't be reached because of another one, and that one: all that an outage cuts off, known to be silent
 * or not yet, and those that wait for the verdict on a parent. `told` are the devices whose outage is told.
 */
export function devicesBehind(
  fleet: Fleet,
  told: { has(id: string): boolean },
  at: number,
): Map<string, string> {
  const down = devicesDown(fleet)
  const cut = cutOff(fleet, causesAmong(down.keys(), fleet, told))
  const behind = new Map<string, string>()
  for (const id of cut.keys()) {
    const device = fleet.inventory.get(id)
    if (device !== undefined) behind.set(id, rootCause(fleet, cut, device))
  }
  for (const [id, { device, since }] of down) {
    if (cut.has(id) || told.has(id) || !isKnownDown(fleet, id)) continue
    const awaited = awaitedParent(fleet, cut, device, since, at)
    if (awaited !== null) behind.set(id, awaited)
  }
  return behind
}

/** Enabled devices whose confirmed state is down, fresh or not: what was told stays until the device answers. */
export function devicesDown(fleet: Fleet): Map<string, { device: Device; since: number }> {
  const down = new Map<string, { device: Device; since: number }>()
  for (const device of fleet.inventory.values()) {
    const state = fleet.evidence(device.id)?.state
    if (device.enabled && state?.up === false) down.set(device.id, { device, since: state.since })
  }
  return down
}

/** Those whose outage counts as the cause of others: it was told, or is known now. */
export const causesAmong = (
  down: Iterable<string>,
  fleet: Fleet,
  told: { has(id: string): boolean },
): Set<string> => new Set([...down].filter((id) => told.has(id) || isKnownDown(fleet, id)))

/** Whether samples that are fresh say so. */
export function isKnownDown({ statuses }: Fleet, id: string): boolean {
  const status = statuses.get(id)
  return status === 'down' || status === 'unreachable'
}
