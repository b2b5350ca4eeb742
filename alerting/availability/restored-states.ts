import type { Inventory } from '../../lib/inventory.ts'
import type { Logger } from '../../lib/log.ts'
import type { DeviceState } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type DerivedState, deriveFromHistory, readKept } from './history.ts'

/** What is known of a fleet when alerting begins. */
export type RestoredStates = {
  readonly states: ReadonlyMap<string, DeviceState>
  /** When devices without a state were switched off or left. */
  readonly leftAt: ReadonlyMap<string, number>
  /** All samples up to here are in the states. */
  readonly readUntil: number
  /** For how long nobody had evaluated. */
  readonly gapMs: number
}

/** So much is read at once. What a gap ends with is always read. */
export const CHUNK_MS = 600_000
/** A longer gap is crossed by query, not by replaying each sample. */
const REPLAY_MS = 6 * 3_600_000
const RETENTION_MS = 400 * 86_400_000

export async function restoreStates(
  {
    victoriaMetrics,
    blindFrom,
    log,
  }: {
    victoriaMetrics: VictoriaMetrics
    /** The beginning of what any collector was blind to at an instant; Infinity where all saw. */
    blindFrom: (at: number) => number
    log: Logger
  },
  inventory: Inventory,
  at: number,
  signal: AbortSignal,
): Promise<RestoredStates> {
  const { states: kept, leftAt, watermark } = await readKept(victoriaMetrics, at, signal)
  const gapMs = watermark === null ? RETENTION_MS : at - watermark
  if (gapMs <= REPLAY_MS) return { states: kept, leftAt, readUntil: watermark ?? at, gapMs }

  const until = at - CHUNK_MS
  const derived = await deriveFromHistory(victoriaMetrics, gapMs, until, signal, log)
  const blindSince = blindFrom(until)
  const states = new Map<string, DeviceState>()
  for (const { id } of inventory.values()) {
    const found = derived.get(id)
    // What fell silent while nobody saw isn't known to be down.
    const isKnown = found !== undefined && (found.up || found.since < blindSince)
    const state = stateAfterGap(
      kept.get(id),
      isKnown ? found : undefined,
      watermark ?? -Infinity,
      until,
    )
    if (state !== undefined) states.set(id, state)
  }
  return { states, leftAt, readUntil: at - 2 * CHUNK_MS, gapMs }
}

/** The state after a time in which nobody evaluated: one that held throughout keeps its since. */
function stateAfterGap(
  before: DeviceState | undefined,
  derived: DerivedState | undefined,
  watermark: number,
  until: number,
): DeviceState | undefined {
  if (derived === undefined) return before
  const held = !derived.changed || derived.since <= watermark
  if (before !== undefined && held && derived.up === before.up) return before
  // An outage this young may not be confirmed: the samples are read again from before it.
  if (!derived.up && derived.since > until - CHUNK_MS) return before
  return { up: derived.up, since: derived.since }
}
