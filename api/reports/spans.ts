import type { Span } from '../../lib/decisions/window.ts'

export type { Span } from '../../lib/decisions/window.ts'

/** In order, those that meet made one. */
export function union(spans: readonly Span[]): Span[] {
  const joined: Span[] = []
  for (const span of spans.toSorted((one, other) => one.from - other.from)) {
    const last = joined.at(-1)
    if (span.until <= span.from) continue
    if (last === undefined || span.from > last.until) joined.push(span)
    else joined[joined.length - 1] = { from: last.from, until: Math.max(last.until, span.until) }
  }
  return joined
}

/** What of the spans lies within the range. */
export function clip(spans: readonly Span[], { from, until }: Span): Span[] {
  return spans
    .map((span) => ({ from: Math.max(from, span.from), until: Math.min(until, span.until) }))
    .filter((span) => span.from < span.until)
}

/** What of the range isn't in the spans, which are in order and apart. */
export function without(range: Span, spans: readonly Span[]): Span[] {
  const rest: Span[] = []
  let from = range.from
  for (const span of clip(spans, range)) {
    if (span.from > from) rest.push({ from, until: span.from })
    from = span.until
  }
  if (from < range.until) rest.push({ from, until: range.until })
  return rest
}
