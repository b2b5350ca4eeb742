/** A confirmed change of a device between up and down, stamped with its first probe. */
export type Change = { readonly at: number; readonly up: boolean }

/** Percent: flapping begins above `high` and ends below `low`. */
export type Thresholds = { readonly high: number; readonly low: number }

/** So many changes are kept of a device, and weighed. */
export const MOST_CHANGES = 20

const WINDOW_MS = 300_000
const FULL = 10
const NEWEST_WEIGHT = 1.2
const OLDEST_WEIGHT = 0.8

/** A device that is down for so long stays down: that must be told, however much it flapped before. */
export const STEADY_DOWN_MS = 150_000

/**
 * How much a device flaps, in percent: its last changes within five minutes, of which a new one weighs 1.2 and one that
 * is five minutes old 0.8; ten are 100 %. `changes` are in the order of time.
 */
export function flappingScore(changes: readonly Change[], at: number): number {
  let sum = 0
  for (const change of changes.slice(-MOST_CHANGES)) {
    const age = Math.max(0, at - change.at) / WINDOW_MS
    if (age < 1) sum += NEWEST_WEIGHT - age * (NEWEST_WEIGHT - OLDEST_WEIGHT)
  }
  return Math.min(100, (sum / FULL) * 100)
}

/**
 * The change with which a device began to flap, or null when it doesn't. It follows from the changes alone, so that a
 * restart forgets nothing. Between two changes a score only falls: flapping begins with one.
 */
export function flappingSince(
  changes: readonly Change[],
  at: number,
  thresholds: Thresholds,
): number | null {
  if (hasSettled(changes, at, thresholds)) return null // as nearly all have: their history isn't looked through
  let since: number | null = null
  for (const [index, change] of changes.entries()) {
    if (change.at > at) break
    if (since !== null && hasSettled(changes.slice(0, index), change.at, thresholds)) since = null
    const score = flappingScore(changes.slice(0, index + 1), change.at)
    if (since === null && score > thresholds.high) since = change.at
  }
  return since
}

/** Whether a device that flapped does so no more: it changes less often, or it has been down for long enough. */
export function hasSettled(
  changes: readonly Change[],
  at: number,
  { low }: Pick<Thresholds, 'low'>,
): boolean {
  const last = changes.at(-1)
  if (last === undefined) return true
  const isSteadyDown = !last.up && at - last.at >= STEADY_DOWN_MS
  return isSteadyDown || flappingScore(changes, at) < low
}

/** One change more; what is no change is left out. */
export function withChange(changes: readonly Change[], change: Change): readonly Change[] {
  if (changes.at(-1)?.up === change.up) return changes
  return [...changes.slice(1 - MOST_CHANGES), change]
}
