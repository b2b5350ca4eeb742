import type { Labels } from '../../lib/labels.ts'
import type { Vector } from '../../lib/victoriametrics.ts'

/** The series of a device that was sampled last, and when (Unix milliseconds). */
export type Newest = { readonly at: number; readonly labels: Labels }

/**
 * For each device its newest series of a `tlast_over_time` vector. A device that moved to another branch has
 * two series for a while, and one for each vantage always: only the newest speaks for it.
 */
export function newestSeries(vector: Vector): Map<string, Newest> {
  const newest = new Map<string, Newest>()
  for (const { labels, value } of vector) {
    if (!Number.isFinite(value)) continue
    const id = labels['device'] ?? ''
    const at = Math.round(value * 1000)
    const known = newest.get(id)
    if (known === undefined || at > known.at) newest.set(id, { at, labels })
  }
  return newest
}

/** The value of one metric for each device, taken from the series that was sampled last. Finite values only. */
export function valuesOfNewest(
  vector: Vector,
  newest: ReadonlyMap<string, Newest>,
  metric: string,
): Map<string, number> {
  const values = new Map<string, number>()
  for (const { labels, value } of vector) {
    if (labels['__name__'] !== metric || !Number.isFinite(value)) continue
    const id = labels['device'] ?? ''
    const series = newest.get(id)
    if (series !== undefined && isSameSeries(series.labels, labels)) values.set(id, value)
  }
  return values
}

function isSameSeries(a: Labels, b: Labels): boolean {
  return a['branch'] === b['branch'] && a['region'] === b['region'] && a['vantage'] === b['vantage']
}
