/** Series of instants and values as a chart wants them. Nothing here touches the document. */

/**
 * `[[iso | ms, value], …]` of several series, on the instants of them all: `[seconds, values, values, …]`. What a series
 * has no value for is null: a gap.
 */
export function aligned(series) {
  const columns = series.map(({ points }) => points.map(([at, value]) => [milliseconds(at), value]))
  const [first = []] = columns
  if (columns.every((column) => hasSameInstants(column, first))) {
    return [
      first.map(([at]) => at / 1000),
      ...columns.map((column) => column.map(([, value]) => value)),
    ]
  }
  const instants = [...new Set(columns.flatMap((column) => column.map(([at]) => at)))].sort(
    (a, b) => a - b,
  )
  const values = columns.map((column) => new Map(column))
  return [
    instants.map((at) => at / 1000),
    ...values.map((byInstant) => instants.map((at) => byInstant.get(at) ?? null)),
  ]
}

const hasSameInstants = (one, other) =>
  one.length === other.length && one.every(([at], index) => at === other[index][0])

export const milliseconds = (at) => (typeof at === 'number' ? at : Date.parse(at))

/** `{low, mean, high, known}` of values with gaps; `known` is the share that isn't one. All null where none is known. */
export function figuresOf(values) {
  let low = Infinity
  let high = -Infinity
  let sum = 0
  let count = 0
  for (const value of values) {
    if (value === null || value === undefined) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
    sum += value
    count++
  }
  if (count === 0) return { low: null, mean: null, high: null, known: 0 }
  return { low, mean: sum / count, high, known: count / values.length }
}

/** The spans that touch `from`..`to`, cut to it; an end of null is still open. In milliseconds, `kind` kept. */
export function within(spans, from, to) {
  return spans
    .map((span) => ({
      ...span,
      from: Math.max(from, milliseconds(span.from)),
      to: Math.min(to, span.to === null ? to : milliseconds(span.to)),
    }))
    .filter((span) => span.to > span.from)
}
