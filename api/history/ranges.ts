const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Each range on offer. Months are those of a year of 366 days. */
const LENGTHS = {
  '30m': 30 * MINUTE_MS,
  '1h': HOUR_MS,
  '3h': 3 * HOUR_MS,
  '6h': 6 * HOUR_MS,
  '12h': 12 * HOUR_MS,
  '24h': DAY_MS,
  '2d': 2 * DAY_MS,
  '7d': 7 * DAY_MS,
  '30d': 30 * DAY_MS,
  '90d': 90 * DAY_MS,
  '6mo': 183 * DAY_MS,
  '13mo': 396 * DAY_MS,
} as const

export type RangeName = keyof typeof LENGTHS
export const RANGES = Object.keys(LENGTHS) as RangeName[]
/** Nothing is kept for longer. */
export const LONGEST_MS = LENGTHS['13mo']
export const rangeMs = (range: RangeName): number => LENGTHS[range]

/** Steps that a person can read off an axis. */
const STEPS_MS = [
  10 * SECOND_MS,
  15 * SECOND_MS,
  30 * SECOND_MS,
  MINUTE_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
] as const
/** What a chart can show: a longer time has longer steps, and costs no more to send and to draw. */
const MOST_POINTS = 400

/** What of a device's history is asked for. Instants are Unix milliseconds. */
export type Span = {
  /** Null where two instants were asked for. */
  readonly range: RangeName | null
  readonly start: number
  readonly end: number
}

export type Grid = {
  readonly start: number
  readonly end: number
  readonly stepMs: number
  /** The instants of the points: each stands for the step that ends with it. */
  readonly instants: readonly number[]
}

/** The points of a span up to its end. A step is never shorter than a probe's interval: that would show false gaps. */
export function gridOf({ start: from, end: to }: Span, intervalMs: number): Grid {
  const spanMs = to - from
  const readable = STEPS_MS.find((stepMs) => spanMs / stepMs <= MOST_POINTS) ?? DAY_MS
  const stepMs = Math.max(readable, Math.ceil(intervalMs / SECOND_MS) * SECOND_MS)
  const count = Math.max(1, Math.floor(spanMs / stepMs))
  const end = Math.floor(to / SECOND_MS) * SECOND_MS
  const start = end - count * stepMs
  const instants = Array.from({ length: count }, (_, index) => start + (index + 1) * stepMs)
  return { start, end, stepMs, instants }
}
