import type { Device, Inventory, InventorySource } from '../../lib/inventory.ts'
import type { Membership } from '../../lib/membership/membership.ts'
import { ownerAmong, shareOf } from './rendezvous.ts'

/** A device that another process had until now: another collector, or this one's before it. */
export type Taken = {
  readonly device: Device
  /** Since when nobody may have probed it, as far as is stored. */
  readonly since: number
}

/** The devices that this collector probes: all of them where it is alone. */
export type Share = Disposable &
  InventorySource & {
    /** What this collector goes on with after a restart, asked for at its start. */
    resumed(): readonly Taken[]
    /** Calls back before `onChange` does. */
    onTaken(listener: (taken: readonly Taken[]) => void): () => void
  }

/** What a collector has an answer to waits so long to be written, and is on its way, at most. */
const WRITTEN_MS = 3_000

/** Who is gone went some time after its last word, and took the probes with it that weren't stored by then. */
const unstoredMs = ({ ping }: Device): number => ping.count * ping.timeoutMs + WRITTEN_MS

const leftAt =
  (heardAt: number) =>
  (device: Device): Taken => ({ device, since: heardAt - unstoredMs(device) })

/** Follows the inventory and the collectors that divide it. */
export function createShare({
  inventory,
  membership,
  name,
}: {
  inventory: InventorySource
  membership: Pick<Membership, 'names' | 'since' | 'predecessorAt' | 'lastHeardOf' | 'onChange'>
  name: string
}): Share {
  const listeners = new Set<(inventory: Inventory) => void>()
  const takers = new Set<(taken: readonly Taken[]) => void>()
  let { names } = membership
  let current = shareOf(inventory.current, names, name)

  function update(): void {
    const before = { names, current }
    names = membership.names
    current = shareOf(inventory.current, names, name)
    if (before.current.size === 0 && current.size === 0) return
    const taken = before.names === names ? [] : takenFrom(before)
    if (taken.length > 0) for (const listener of takers) listener(taken)
    for (const listener of listeners) listener(current)
  }

  function takenFrom(before: { names: readonly string[]; current: Inventory }): Taken[] {
    const ownerBefore = ownerAmong(before.names)
    const taken: Taken[] = []
    for (const [id, device] of current) {
      if (before.current.has(id)) continue
      const owner = ownerBefore(id)
      if (owner === null) continue
      // Who is still there hands it over.
      taken.push(
        names.includes(owner)
          ? { device, since: membership.since }
          : leftAt(membership.lastHeardOf(owner))(device),
      )
    }
    return taken
  }

  const stops = [inventory.onChange(update), membership.onChange(update)]
  return {
    resumed() {
      const { predecessorAt } = membership
      return predecessorAt === null ? [] : [...current.values()].map(leftAt(predecessorAt))
    },
    get current() {
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onTaken(listener) {
      takers.add(listener)
      return () => takers.delete(listener)
    },
    [Symbol.dispose]() {
      for (const stop of stops) stop()
    },
  }
}
