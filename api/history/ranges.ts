const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Each range on offer, with the step that gives it some 180 to 400 points. */
const STEPS = {
  '30m': { rangeMs: 30 * MINUTE_MS, stepMs: 10_000 },
  '1h': { rangeMs: HOUR_MS, stepMs: 15_000 },
  '6h': { rangeMs: 6 * HOUR_MS, stepMs: MINUTE_MS },
  '24h': { rangeMs: DAY_MS, stepMs: 5 * MINUTE_MS },
  '7d': { rangeMs: 7 * DAY_MS, stepMs: 30 * MINUTE_MS },
  '30d': { rangeMs: 30 * DAY_MS, stepMs: 2 * HOUR_MS },
  '90d': { rangeMs: 90 * DAY_MS, stepMs: 6 * HOUR_MS },
  '13mo': { rangeMs: 396 * DAY_MS, stepMs: DAY_MS },
} as const

export type RangeName = keyof typeof STEPS
export const RANGES = Object.keys(STEPS) as RangeName[]

export type Grid = {
  readonly start: number
  readonly end: number
  readonly stepMs: number
  /** The instants of the points: each stands for the step that ends with it. */
  readonly instants: readonly number[]
}

/** The points of a range that ends `at`. A step is never shorter than a probe's interval: that would show false gaps. */
export function gridOf(range: RangeName, intervalMs: number, at: number): Grid {
  const { rangeMs, stepMs: wanted } = STEPS[range]
  const stepMs = Math.max(wanted, Math.ceil(intervalMs / 1000) * 1000)
  const count = Math.max(1, Math.floor(rangeMs / stepMs))
  const end = Math.floor(at / 1000) * 1000
  const start = end - count * stepMs
  const instants = Array.from({ length: count }, (_, index) => start + (index + 1) * stepMs)
  return { start, end, stepMs, instants }
}
