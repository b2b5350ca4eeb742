import { type Told, problemKey } from './told.ts'

/** What one set of rules tells and another doesn't, or not then. */
export type RulesDifference = {
  /** Told by the new rules alone. */
  readonly fresh: readonly Told[]
  /** Told by the old ones alone. */
  readonly gone: readonly Told[]
  readonly earlier: readonly Shifted[]
  readonly later: readonly Shifted[]
  readonly same: number
}

/** `byMs`: how much later it is told than by the old rules; negative: earlier. */
export type Shifted = { readonly told: Told; readonly old: Told; readonly byMs: number }

/** Turns of groups aren't taken in the same millisecond. */
const SAME_MS = 1_000

/** Occurrences of one problem that overlap are the same one. */
export function differenceOf(now: readonly Told[], before: readonly Told[]): RulesDifference {
  const old = Map.groupBy(before, ({ labels }) => problemKey(labels))
  const paired = new Set<Told>()
  const fresh: Told[] = []
  const shifted: Shifted[] = []
  let same = 0
  for (const told of now) {
    const candidates = old.get(problemKey(told.labels)) ?? []
    const found = candidates.find((one) => !paired.has(one) && overlap(one, told))
    if (found === undefined) {
      fresh.push(told)
      continue
    }
    paired.add(found)
    const byMs = told.toldAt - found.toldAt
    if (Math.abs(byMs) <= SAME_MS) same++
    else shifted.push({ told, old: found, byMs })
  }
  return {
    fresh,
    gone: before.filter((told) => !paired.has(told)),
    earlier: shifted.filter(({ byMs }) => byMs < 0),
    later: shifted.filter(({ byMs }) => byMs > 0),
    same,
  }
}

const overlap = (one: Told, other: Told): boolean =>
  one.since < (other.endedAt ?? Infinity) && other.since < (one.endedAt ?? Infinity)
