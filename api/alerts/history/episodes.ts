import type { Labels } from '../../../lib/labels.ts'

/** What is stored of one alert, oldest first. Instants are Unix milliseconds. */
export type Course = {
  readonly labels: Labels
  /** Where `ALERTS` says that it fired, by first and last sample; gaps without a stale marker are in them. */
  readonly firing: readonly { readonly from: number; readonly to: number }[]
  /** Stale markers of that. */
  readonly ended: readonly number[]
  /** The start of its condition as `ALERTS_FOR_STATE` has it, by the first sample that says so. */
  readonly starts: readonly { readonly at: number; readonly start: number }[]
}

/** One time that an alert fired; `end` is null where it goes on. */
export type Episode = {
  readonly labels: Labels
  readonly start: number
  readonly end: number | null
}

/** What ended without a marker (its alerting was killed) shows for so long after its last sample. */
const SHOWN_MS = 300_000

/**
 * Pure: the times that an alert fired up to `to`, oldest first. Each begins with its condition and ends at its stale marker.
 * Another start of the condition is another time, even without a marker between them; the same start is the same time, over
 * gaps and restarts.
 */
export function episodesOf({ labels, firing, ended, starts }: Course, to: number): Episode[] {
  const occurrences = occurrencesOf(
    starts.length > 0 ? starts : firing.map(({ from }) => ({ at: from, start: from })),
  )
  return occurrences.flatMap(({ at, start }, index) => {
    const next = occurrences[index + 1]
    const until = next?.at ?? Infinity
    const last = firing.findLast((stretch) => stretch.from < until && stretch.to >= at)
    // It was pending, and never fired.
    if (last === undefined) return []
    const lastAt = Math.min(last.to, until)
    const marker = ended.find((each) => each > lastAt && each <= until)
    if (marker !== undefined) return { labels, start, end: marker }
    // It was over when the next one began; when exactly, nobody wrote.
    if (next !== undefined)
      return { labels, start, end: Math.max(start, Math.min(next.start, until)) }
    return { labels, start, end: to - lastAt > SHOWN_MS ? lastAt : null }
  })
}

/** Starts of one second are one: that is what a restart of alerting keeps. */
const occurrencesOf = (starts: Course['starts']): Course['starts'] =>
  starts.filter(({ start }, index) => {
    const before = starts[index - 1]
    return before === undefined || toSeconds(before.start) !== toSeconds(start)
  })

const toSeconds = (at: number): number => Math.floor(at / 1000)
