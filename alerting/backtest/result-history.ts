import type pLimit from 'p-limit'
import { type Labels, labelsKey } from '../../lib/labels.ts'
import {
  type Point,
  type Range,
  type RuleQueryOptions,
  type Vector,
  type VictoriaMetrics,
  VictoriaMetricsError,
} from '../../lib/victoriametrics.ts'
import type { Grid } from './grid.ts'
import { hasImplicitWindow } from './implicit-window.ts'

/** What an expression gave at each instant of a grid; read ahead in pieces. */
export type ResultHistory = {
  /** Resolves once the instant can be looked at. Instants are asked for in their order. */
  load(index: number): Promise<void>
  isLoaded(index: number): boolean
  /** Throws what VictoriaMetrics says where the expression can't be evaluated. */
  at(index: number): Vector
  /** Whether the result is another one than at the instant before: other series, or other values where those count. */
  changed(index: number): boolean
}

export type HistoryDeps = {
  readonly victoriaMetrics: VictoriaMetrics
  readonly options: RuleQueryOptions
  /** Bounds how many queries run at once. */
  readonly limit: ReturnType<typeof pLimit>
}

/** VictoriaMetrics gives 30,000 points of a series at most. */
const MOST_INSTANTS = 20_000
const FIRST_INSTANTS = 2_000
/** So many points are held at once, about. */
const POINTS = { few: 20_000, many: 150_000 }
const SLOW_MS = 5_000
const TIMEOUT_MS = 120_000
/** The step of an instant query that says none. */
const STEP_MS = 300_000

type Piece = {
  readonly from: number
  readonly to: number
  readonly vectors: ReadonlyMap<number, Point[]>
  readonly changes: ReadonlySet<number>
  /** Why there are no results. */
  readonly error: Error | null
}

type Answer = { readonly to: number; readonly ranges: readonly Range[] | Error }

const NOTHING: Vector = []

export function createResultHistory(
  expr: string,
  grid: Grid,
  countsValues: boolean,
  { victoriaMetrics, options, limit }: HistoryDeps,
): ResultHistory {
  const ask = hasImplicitWindow(expr) ? askAsInstants : askRange
  const known = new Map<string, Labels>()
  let span = FIRST_INSTANTS
  let piece: Piece | undefined
  let ahead: { readonly from: number; readonly ranges: Promise<Answer> } | undefined
  /** Pieces in a row that were refused. */
  let refusals = 0
  /** The values of the last instant that was loaded, by series. */
  let last: ReadonlyMap<string, number> = new Map()

  const begin = (from: number): Promise<Answer> => limit(() => read(from))

  /**
   * As many instants as can be had at once, or why not even one can: two series that an instant has of one, say. What is
   * refused again and again isn't asked for at each instant.
   */
  async function read(from: number): Promise<Answer> {
    for (;;) {
      const to = Math.min(grid.count, from + span)
      const startedAt = performance.now()
      try {
        const ranges = await ask(from, to)
        const points = ranges.reduce((sum, range) => sum + range.points.length, 0)
        refusals = 0
        const tookMs = performance.now() - startedAt
        if (points > POINTS.many || tookMs > SLOW_MS) span = Math.max(1, Math.floor(span / 2))
        else if (points < POINTS.few) span = Math.min(MOST_INSTANTS, span * 2)
        return { to, ranges }
      } catch (error) {
        if (!(error instanceof VictoriaMetricsError)) throw error
        if (error.reason === 'unreachable' || error.reason === 'misconfigured') throw error
        // Too much for it at once, or wrong: then so for a single instant.
        if (to - from <= 1 && error.reason !== 'rejected') throw error
        if (to - from <= 1)
          return { to: Math.min(grid.count, from + 2 ** refusals++), ranges: error }
        span = Math.max(1, Math.floor((to - from) / 8))
      }
    }
  }

  function askRange(from: number, to: number): Promise<Range[]> {
    // A millisecond more: of midnight itself VictoriaMetrics doesn't look at the day that begins.
    const range = { start: grid.at(from), end: grid.at(to - 1) + 1, stepMs: grid.stepMs }
    return victoriaMetrics.queryRange(expr, range, { timeoutMs: TIMEOUT_MS, ...options })
  }

  /** With the step of instant queries, in as many ranges as the grid has places in it. */
  async function askAsInstants(from: number, to: number): Promise<Range[]> {
    const firstOf = new Map<number, number>()
    for (let index = from; index < to; index++) {
      const place = (grid.at(index) - grid.at(from)) % STEP_MS
      if (firstOf.has(place)) break
      firstOf.set(place, index)
    }
    const found: Range[] = []
    for (const first of firstOf.values()) {
      const range = { start: grid.at(first), end: grid.at(to - 1) + 1, stepMs: STEP_MS }
      const given = { timeoutMs: TIMEOUT_MS, ...options }
      found.push(...(await victoriaMetrics.queryRange(expr, range, given)))
    }
    return found
  }

  function pieceOf(from: number, to: number, ranges: readonly Range[]): Piece {
    const vectors = new Map<number, Point[]>()
    const seen = new Map<string, Map<number, number>>()
    for (const { labels: given, points } of ranges) {
      const key = labelsKey(given)
      const labels = known.get(key) ?? given
      known.set(key, labels)
      const values = seen.get(key) ?? new Map<number, number>()
      seen.set(key, values)
      for (const [at, value] of points) {
        const index = Math.round((at - grid.at(0)) / grid.stepMs)
        if (grid.at(index) !== at || index < from || index >= to) continue
        const point = { labels, value, at }
        const vector = vectors.get(index)
        if (vector === undefined) vectors.set(index, [point])
        else vector.push(point)
        values.set(index, value)
      }
    }
    const changes = new Set<number>()
    for (const [key, values] of seen) noteChanges(values, last.get(key), from, to, changes)
    for (const key of last.keys()) if (!seen.has(key)) changes.add(from)
    last = new Map(
      [...seen].flatMap(([key, values]) => {
        const value = values.get(to - 1)
        return value === undefined ? [] : [[key, value]]
      }),
    )
    return { from, to, vectors, changes, error: null }
  }

  /** Where a series begins, ends or, where that counts, has another value. */
  function noteChanges(
    values: ReadonlyMap<number, number>,
    before: number | undefined,
    from: number,
    to: number,
    changes: Set<number>,
  ): void {
    let [index, value] = [from - 1, before]
    for (const [nextIndex, next] of [...values].sort(([one], [other]) => one - other)) {
      const isGap = nextIndex > index + 1
      if (isGap && value !== undefined) changes.add(index + 1)
      const isOther = value === undefined || (countsValues && next !== value)
      // What can't be an alert's value is as another series.
      const isOdd = value !== undefined && Number.isFinite(next) !== Number.isFinite(value)
      if (isGap || isOther || isOdd) changes.add(nextIndex)
      index = nextIndex
      value = next
    }
    if (value !== undefined && index < to - 1) changes.add(index + 1)
  }

  return {
    isLoaded: (index) => piece !== undefined && index >= piece.from && index < piece.to,
    async load(index) {
      while (piece === undefined || index >= piece.to) {
        const from = piece?.to ?? index
        const answer = await (ahead?.from === from ? ahead.ranges : begin(from))
        ahead = undefined
        const { to, ranges } = answer
        piece =
          ranges instanceof Error
            ? { from, to, vectors: new Map(), changes: new Set(), error: ranges }
            : pieceOf(from, to, ranges)
        if (piece.to < grid.count) {
          ahead = { from: piece.to, ranges: begin(piece.to) }
          ahead.ranges.catch(() => {}) // told when it is its turn
        }
      }
    },
    at(index) {
      if (piece?.error) throw piece.error
      return piece?.vectors.get(index) ?? NOTHING
    },
    changed: (index) => piece?.changes.has(index) ?? false,
  }
}
