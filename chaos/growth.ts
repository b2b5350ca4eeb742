/** One figure over time. */
export type Reading = { readonly at: number; readonly value: number }

export type Growth = {
  /** Medians of the second and of the last quarter of the time: the first is for warming up. */
  readonly early: number
  readonly late: number
}

/** Null where there are too few readings to tell. */
export function growthOf(readings: readonly Reading[]): Growth | null {
  if (readings.length < 8) return null
  const quarter = Math.floor(readings.length / 4)
  return {
    early: median(readings.slice(quarter, 2 * quarter)),
    late: median(readings.slice(-quarter)),
  }
}

/** Grown by more than `share` of what it was, and by more than `least`. */
export const hasGrown = (
  { early, late }: Growth,
  { share, least }: { share: number; least: number },
): boolean => late - early > Math.max(least, early * share)

function median(readings: readonly Reading[]): number {
  const sorted = readings.map(({ value }) => value).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
