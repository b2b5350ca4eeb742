/** Which time the charts of a view show, kept in the address: `?range=6h`, or `?from=…&to=…` once somebody zoomed. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** As the API has them. */
export const RANGES = {
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '3h': 3 * HOUR,
  '6h': 6 * HOUR,
  '12h': 12 * HOUR,
  '24h': DAY,
  '2d': 2 * DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
  '90d': 90 * DAY,
  '6mo': 183 * DAY,
  '13mo': 396 * DAY,
}
const USUAL = '6h'
/** What the API has an answer for. */
const SHORTEST_MS = 60_000
const LONGEST_MS = 396 * DAY

/** `{range}` or `{from, to}` (milliseconds) of a query. What makes no sense is passed over. Pure. */
export function readSpan(query) {
  const from = Date.parse(query.get('from') ?? '')
  const to = Date.parse(query.get('to') ?? '')
  if (to - from >= SHORTEST_MS && to - from <= LONGEST_MS) return { from, to }
  const range = query.get('range') ?? ''
  return { range: Object.hasOwn(RANGES, range) ? range : USUAL }
}

/** The query of the API for it; a range is the one up to `at`, null: up to now. Pure. */
export function spanQuery({ range, from, to }, at = null) {
  if (range === undefined) return between(from, to)
  return at === null ? `range=${range}` : between(at - RANGES[range], at)
}

const between = (from, to) =>
  `from=${encodeURIComponent(iso(from))}&to=${encodeURIComponent(iso(to))}`

/** A part of time that somebody chose, within what there can be; never shorter than a minute. Pure. */
export function fittedSpan(from, to, now) {
  const end = Math.min(now, Math.max(to, from + SHORTEST_MS))
  const start = Math.max(Math.min(from, end - SHORTEST_MS), end - LONGEST_MS, now - LONGEST_MS)
  return { from: Math.floor(start / 1000) * 1000, to: Math.floor(end / 1000) * 1000 }
}

const iso = (ms) => new Date(ms).toISOString()

/** The span of a view: `current`, `choose(range)`, `zoom(from, to)` (null: back), `onChange(listener)`. */
export function createSpan(app) {
  let current = readSpan(app.query)
  let last = current.range ?? USUAL
  const listeners = []

  function set(next) {
    current = next
    if (next.range !== undefined) last = next.range
    app.setQuery(
      next.range === undefined
        ? { range: last === USUAL ? null : last, from: iso(next.from), to: iso(next.to) }
        : { range: next.range === USUAL ? null : next.range, from: null, to: null },
    )
    for (const listener of listeners) listener(current)
  }

  return {
    get current() {
      return current
    },
    /** The range that zooming out leads back to. */
    get usual() {
      return last
    },
    choose: (range) => set({ range }),
    zoom: (from, to) => set(from === null ? { range: last } : fittedSpan(from, to, app.now())),
    onChange: (listener) => listeners.push(listener),
  }
}
