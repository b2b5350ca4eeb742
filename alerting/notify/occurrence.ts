/** One occurrence of an alert: the same labels firing anew after a resolution are another one. */
export type Occurrence = { readonly key: string; readonly startsAt: number }

/** As a text, for what is kept. */
export const occurrence = ({ key, startsAt }: Occurrence): string => `${startsAt} ${key}`

export type OccurrenceSet = { has(occurrence: Occurrence): boolean }

/** Thousands are compared at each message: by the keys that are there, without a text for each. */
export function occurrenceSet(occurrences: Iterable<Occurrence>): OccurrenceSet {
  const starts = new Map<string, number>()
  // A second occurrence of one alert is rare: two processes told of it while the log couldn't be read.
  const others = new Set<string>()
  for (const one of occurrences) {
    if (starts.has(one.key)) others.add(occurrence(one))
    else starts.set(one.key, one.startsAt)
  }
  return {
    has: (one) =>
      starts.get(one.key) === one.startsAt || (others.size > 0 && others.has(occurrence(one))),
  }
}
