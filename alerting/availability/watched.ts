import type { Inventory } from '../../lib/inventory.ts'

/** Since when each device is looked at, and what its probes take. */
export type Watched = {
  look(inventory: Inventory, lookedBefore: number, at: number): void
  since(id: string): number | undefined
  /** Samples arrive up to a probe's length after their stamp: so much is read again each time. */
  readonly overlapMs: number
}

const OVERLAP_MS = 20_000
/** After so long without a reading nobody can say that samples were missing meanwhile. */
const LOOK_AWAY_MS = 90_000

export function createWatched(): Watched {
  const since = new Map<string, number>()
  let lookedInto: Inventory | undefined
  let overlapMs = OVERLAP_MS

  return {
    look(inventory, lookedBefore, at) {
      if (at - lookedBefore > LOOK_AWAY_MS) since.clear()
      else if (inventory === lookedInto) return
      lookedInto = inventory
      for (const id of since.keys()) if (inventory.get(id)?.enabled !== true) since.delete(id)
      let longestProbeMs = 0
      for (const { id, enabled, ping } of inventory.values()) {
        if (!enabled) continue
        if (!since.has(id)) since.set(id, at)
        longestProbeMs = Math.max(longestProbeMs, ping.count * ping.timeoutMs)
      }
      overlapMs = OVERLAP_MS + longestProbeMs
    },
    since: (id) => since.get(id),
    get overlapMs() {
      return overlapMs
    },
  }
}
