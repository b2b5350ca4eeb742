import type { Inventory } from '../../lib/inventory.ts'

/** Notes when nothing at all was sampled for so long that monitoring is late. */
export type Silence = {
  /** A sample of any device; in any order within what `take` ends. */
  note(at: number): void
  /** Instants at which silences before `until` are long enough, or end. */
  take(until: number): number[]
}

const SECOND = 1_000
/** As MonitoringLate has it: 1.5 intervals and what a probe takes. */
const PROBE_MS = 3_000

export function createSilence(inventory: Inventory, from: number): Silence {
  let shortest = Infinity
  for (const { enabled, ping } of inventory.values())
    if (enabled) shortest = Math.min(shortest, ping.intervalMs)
  const mostMs = 1.5 * shortest + PROBE_MS
  let start = Math.floor(from / SECOND)
  let last = start
  let isTold = false
  let seconds = new Set<number>()

  return {
    note: (at) => void seconds.add(Math.floor(at / SECOND)),
    take(until) {
      const looks: number[] = []
      const end = Math.ceil(until / SECOND)
      for (let second = start; second < end; second++) {
        const isSilent = (second - last) * SECOND > mostMs
        if (isSilent && !isTold) {
          isTold = true
          // The newest sample lies anywhere in its second.
          looks.push(last * SECOND + mostMs + 1, (last + 1) * SECOND + mostMs)
        }
        if (!seconds.has(second)) continue
        // Known at once, or as late as a probe without an answer is.
        if (isTold) looks.push((second + 1) * SECOND, (second + 1) * SECOND + PROBE_MS)
        last = second
        isTold = false
      }
      start = end
      seconds = new Set()
      return looks
    },
  }
}
