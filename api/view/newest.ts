import type { Labels } from '../../lib/labels.ts'
import { type Sliced, atOnce } from '../../lib/slices.ts'
import type { Vector } from '../../lib/victoriametrics.ts'

/** Points that are read before others may run. */
export const POINTS_AT_ONCE = 1_024

/** The series of a device that was sampled last, and when (Unix milliseconds). */
export type Newest = { readonly at: number; readonly labels: Labels }

/**
 * For each device its newest series of a `tlast_over_time` vector. A device that moved to another branch has
 * two series for a while, and one for each vantage always: only the newest speaks for it.
 */
export const newestSeries = (vector: Vector): Map<string, Newest> => atOnce(newestInSlices(vector))

/** The same, for who does it piece by piece. */
export function* newestInSlices(vector: Vector): Sliced<Map<string, Newest>> {
  const newest = new Map<string, Newest>()
  for (const [place, { labels, value }] of vector.entries()) {
    if (place % POINTS_AT_ONCE === POINTS_AT_ONCE - 1) yield
    if (!Number.isFinite(value)) continue
    const id = labels['device'] ?? ''
    const at = Math.round(value * 1000)
    const known = newest.get(id)
    if (known === undefined || at > known.at) newest.set(id, { at, labels })
  }
  return newest
}

/** Whether one poll or probe wrote both. */
export function isSameSeries(a: Labels, b: Labels): boolean {
  return a['branch'] === b['branch'] && a['region'] === b['region'] && a['vantage'] === b['vantage']
}
