/** Polls to start together: those from `from` up to `to`, `afterMs` into the slot. */
export type Batch = { readonly afterMs: number; readonly from: number; readonly to: number }

const TICK_MS = 10
/** The last tenth of a slot is left for a late wake-up. */
const TICKS = 90
const MOST_PER_TICK = 100

/** What fits in a slot: as many answers at once, of 1,500 bytes each, as the smallest usual receive buffer holds. */
export const MOST_PER_SLOT = TICKS * MOST_PER_TICK

/**
 * Spreads the polls of a slot evenly over it. Ten thousand requests sent at once lose nine answers of ten in the
 * kernel's receive buffer. Polls past `MOST_PER_SLOT` get no batch.
 */
export function paceStarts(count: number): Batch[] {
  const total = Math.min(count, MOST_PER_SLOT)
  const batches: Batch[] = []
  let from = 0
  for (let tick = 0; from < total; tick++) {
    const to = Math.min(total, Math.ceil(((tick + 1) * total) / TICKS))
    if (to > from) batches.push({ afterMs: tick * TICK_MS, from, to })
    from = to
  }
  return batches
}
