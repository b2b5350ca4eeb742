import type { Device } from '../../lib/inventory.ts'
import { childrenOf, countedParents } from '../../lib/inventory/relatives.ts'
import type { Fleet } from './fleet.ts'

/** The devices behind one that is down. */
export type BlastRadius = {
  /** Enabled devices that can be reached by no other way, near ones first. */
  readonly unreachable: readonly Device[]
  /** How many of them are known not to answer. */
  readonly confirmed: number
}

/**
 * When the last way to each device was cut that has none left: every parent is down or cut itself. By the topology, not
 * by probes: what lies behind a router is known when the router is down. But a device that answered since has a
 * way that nobody told of.
 */
export function cutOff(fleet: Fleet, down: ReadonlySet<string>): ReadonlyMap<string, number> {
  const { inventory } = fleet
  const behind = childrenOf(inventory)
  const cut = new Map<string, number>()
  const closedAt = (id: string): number | undefined =>
    down.has(id) ? fleet.evidence(id)?.state?.since : cut.get(id)
  // Without recursion: a chain of parents may be as long as the fleet.
  const closed = [...down]
  for (let id = closed.pop(); id !== undefined; id = closed.pop()) {
    for (const child of behind.get(id) ?? []) {
      if (cut.has(child.id)) continue
      const ways = countedParents(inventory, child).map((parent) => closedAt(parent.id))
      if (!ways.every((at) => at !== undefined)) continue
      const at = Math.max(...ways)
      if (answeredSince(fleet, child.id, at)) continue
      cut.set(child.id, at)
      if (!down.has(child.id)) closed.push(child.id)
    }
  }
  return cut
}

function answeredSince(fleet: Fleet, id: string, at: number): boolean {
  const { state, lastSampleAt } = fleet.evidence(id) ?? { state: null, lastSampleAt: null }
  return state?.up === true && !fleet.isSuspect(id) && (lastSampleAt ?? 0) > at
}

/** What lies behind a device that is down, of the devices that are cut off. */
export function blastRadius(
  fleet: Fleet,
  cut: ReadonlyMap<string, number>,
  id: string,
): BlastRadius {
  const behind = childrenOf(fleet.inventory)
  const unreachable = new Map<string, Device>()
  const reached = [id]
  for (const next of reached) {
    for (const child of behind.get(next) ?? []) {
      if (!cut.has(child.id) || unreachable.has(child.id)) continue
      unreachable.set(child.id, child)
      reached.push(child.id)
    }
  }
  const devices = [...unreachable.values()]
  const confirmed = devices.filter(({ id: each }) => fleet.evidence(each)?.state?.up === false)
  return { unreachable: devices, confirmed: confirmed.length }
}

/** The outage that cut the last way to a device: up from parent to parent, to one that isn't cut off itself. */
export function rootCause(fleet: Fleet, cut: ReadonlyMap<string, number>, device: Device): string {
  const cutAt = ({ id }: Device): number => fleet.evidence(id)?.state?.since ?? cut.get(id) ?? 0
  let cause = device
  while (cut.has(cause.id)) {
    const [first, ...others] = countedParents(fleet.inventory, cause)
    if (first === undefined) break
    cause = others.reduce((last, one) => (cutAt(one) > cutAt(last) ? one : last), first)
  }
  return cause.id
}
