import type { Inventory } from '../../lib/inventory.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Sliced } from '../../lib/slices.ts'
import { POINTS_AT_ONCE, newestInSlices, newestSeries } from './newest.ts'
import type { Vectors } from './vectors.ts'

/**
 * When devices that are silent now were last sampled. A stamp that a view saw is remembered, so the past is asked
 * only for what no view has seen: in steps of growing cost, each of them once, and for a time in which nobody
 * read. The views don't wait for it.
 */
export type LastSeen = {
  readonly stamps: ReadonlyMap<string, number>
  /** Takes in what a view saw at `at`, and looks back in the background when a device is missing. */
  note(inventory: Inventory, vectors: Vectors, at: number, signal: AbortSignal): Sliced<void>
}

const HOUR_MS = 3_600_000
const STEPS_MS = [HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS] as const
/** Views that are further apart than this may have missed a sample between them. */
const PAUSE_MS = 10_000
/** A look back that VictoriaMetrics refuses or can't do in time is tried again after this. */
const RETRY_MS = 60_000
const TIMEOUT_MS = 20_000

export function createLastSeen(victoriaMetrics: Pick<VictoriaMetrics, 'query'>): LastSeen {
  const stamps = new Map<string, number>()
  let steps: readonly number[] = STEPS_MS
  /** Since when no view has looked; null while they follow each other. */
  let pausedAt: number | null = null
  let seenAt: number | null = null
  let busy = false
  let notBefore = 0

  function* note(
    inventory: Inventory,
    vectors: Vectors,
    at: number,
    signal: AbortSignal,
  ): Sliced<void> {
    if (seenAt !== null && at - seenAt > PAUSE_MS) pausedAt ??= seenAt
    seenAt = at
    let place = 0
    for (const { labels, value } of vectors.newest) {
      const id = labels['device'] ?? ''
      const stamp = Math.round(value * 1000)
      if (stamp > (stamps.get(id) ?? -Infinity)) stamps.set(id, stamp)
      if (++place % POINTS_AT_ONCE === 0) yield
    }
    for (const id of stamps.keys()) if (!inventory.has(id)) stamps.delete(id)
    yield
    if (busy || at < notBefore) return

    const [step] = steps
    const isMissing =
      pausedAt !== null && isAnyMissing(inventory, yield* newestInSlices(vectors.newest))
    // What all of them have now is newer than what came meanwhile.
    if (!isMissing) pausedAt = null
    if (pausedAt !== null) {
      const windowMs = Math.min(at - pausedAt + PAUSE_MS, STEPS_MS[2])
      void lookBack(windowMs, at, signal, () => (pausedAt = null))
    } else if (step !== undefined && isAnyMissing(inventory, stamps)) {
      void lookBack(step, at, signal, () => (steps = steps.slice(1)))
    }
  }

  async function lookBack(
    windowMs: number,
    at: number,
    signal: AbortSignal,
    done: () => void,
  ): Promise<void> {
    busy = true
    try {
      const expr = `max by (device) (tlast_over_time(ping_up[${windowMs}ms]))`
      const found = await victoriaMetrics.query(expr, { at, signal, timeoutMs: TIMEOUT_MS })
      for (const [id, series] of newestSeries(found)) {
        stamps.set(id, Math.max(series.at, stamps.get(id) ?? 0))
      }
      done()
    } catch {
      notBefore = at + RETRY_MS
    } finally {
      busy = false
    }
  }

  return { stamps, note }
}

function isAnyMissing(inventory: Inventory, known: ReadonlyMap<string, unknown>): boolean {
  for (const { id, enabled } of inventory.values()) if (enabled && !known.has(id)) return true
  return false
}
