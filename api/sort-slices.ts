import type { Sliced } from '../lib/slices.ts'

/** Items that are sorted, or merged, before others may run. */
const AT_ONCE = 256

type Compare<T> = (one: T, other: T) => number

/** A new list in order, equals as they were: a merge sort that stops now and then. */
export function* sortedInSlices<T>(items: readonly T[], compare: Compare<T>): Sliced<T[]> {
  let runs: T[][] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    runs.push(items.slice(from, from + AT_ONCE).sort(compare))
    yield
  }
  while (runs.length > 1) {
    const merged: T[][] = []
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(yield* mergedInSlices(runs[index] ?? [], runs[index + 1] ?? [], compare))
    }
    runs = merged
  }
  return runs[0] ?? []
}

function* mergedInSlices<T>(
  one: readonly T[],
  other: readonly T[],
  compare: Compare<T>,
): Sliced<T[]> {
  const merged: T[] = []
  let [left, right] = [0, 0]
  for (;;) {
    const [a, b] = [one[left], other[right]]
    if (a === undefined || b === undefined) break
    const isLeft = compare(a, b) <= 0
    merged.push(isLeft ? a : b)
    if (isLeft) left++
    else right++
    if (merged.length % AT_ONCE === 0) yield
  }
  return merged.concat(one.slice(left), other.slice(right))
}
