import type { Span } from './spans.ts'

/**
 * What is said of a device: `off` while it was switched off or not there yet, `unsaid` where nobody kept track of its
 * turns.
 */
export type Said = 'up' | 'down' | 'off' | 'unsaid'

/** From `at` on something else is said. Unix milliseconds. */
export type Turn = { readonly at: number; readonly said: Said }

/** What is known of a device: its turns in order, and when its status was unknown (in order, apart). */
export type History = { readonly turns: readonly Turn[]; readonly unknown: readonly Span[] }

export type Counts = 'up' | 'down' | 'excluded' | 'unknown'

/** A time that counts as one thing. `said` is what it would have counted as by its state. */
export type Segment = Span & { readonly said: Exclude<Said, 'off'>; readonly counts: Counts }

/**
 * Pure: the range in pieces, in order. Maintenance comes before all else, and unknown before up and down; a time in which
 * the device was off, or before the first turn, is in none.
 */
export function segmentsOf(
  { turns, unknown }: History,
  excluded: readonly Span[],
  range: Span,
): Segment[] {
  const segments: Segment[] = []
  const saidAt = stateAt(turns)
  const isUnknownAt = within(unknown)
  const isExcludedAt = within(excluded)
  const cuts = cutsOf(turns, [unknown, excluded], range)
  for (const [index, from] of cuts.entries()) {
    const until = cuts[index + 1] ?? range.until
    const said = saidAt(from)
    // Each is asked at every cut: they walk along.
    const [isUnknown, isExcluded] = [isUnknownAt(from), isExcludedAt(from)]
    if (said === 'off' || from >= until) continue
    const known = isUnknown || said === 'unsaid' ? 'unknown' : said
    const counts = isExcluded ? 'excluded' : known
    const last = segments.at(-1)
    if (last?.until === from && last.said === said && last.counts === counts)
      segments[segments.length - 1] = { ...last, until }
    else segments.push({ from, until, said, counts })
  }
  return segments
}

/** The instants of the range at which anything may change, its beginning first. */
function cutsOf(
  turns: readonly Turn[],
  spans: readonly (readonly Span[])[],
  { from, until }: Span,
): number[] {
  const cuts = new Set([from])
  const add = (at: number): void => {
    if (at > from && at < until) cuts.add(at)
  }
  for (const { at } of turns) add(at)
  for (const list of spans) {
    for (const span of list) {
      add(span.from)
      add(span.until)
    }
  }
  return [...cuts].sort((one, other) => one - other)
}

/** What is said at instants that are asked for in order. */
function stateAt(turns: readonly Turn[]): (at: number) => Said {
  let next = 0
  let said: Said = 'off'
  return (at) => {
    for (let turn = turns[next]; turn !== undefined && turn.at <= at; turn = turns[++next])
      said = turn.said
    return said
  }
}

/** Whether instants that are asked for in order lie in one of the spans, which are in order. */
function within(spans: readonly Span[]): (at: number) => boolean {
  let next = 0
  return (at) => {
    let span = spans[next]
    while (span !== undefined && span.until <= at) span = spans[++next]
    return span !== undefined && span.from <= at
  }
}
