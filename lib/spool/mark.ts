import type { Batch } from './backlog.ts'
import { type Sample, encodeLine } from '../line-protocol.ts'

/** How often it is said again while samples wait, and while none do. */
const EVERY_MS = { waiting: 1_000, empty: 10_000 }

/** What tells alerting that samples are still on their way: written in front of live ones. */
export type SpoolMark = {
  /** What is to be written now, and whether it can't wait for live samples; null: nothing is. */
  due(
    oldest: ReadonlyMap<string, number>,
  ): { readonly batch: Batch; readonly isNews: boolean } | null
  /** The last one that was due is stored. */
  written(): void
}

/** Of what waits here: the collector's own samples, and those of vantages whose spools it took over. */
export function createSpoolMark(
  vantage: string,
  {
    now = Date.now,
    monotonic = () => performance.now(),
    report = () => {},
  }: {
    now?: () => number
    monotonic?: () => number
    report?: (vantage: string, fromSeconds: number) => void
  } = {},
): SpoolMark {
  let told = new Map<string, number>()
  let last = { at: Number.NEGATIVE_INFINITY, turn: Number.NEGATIVE_INFINITY }
  let pending: { marks: Map<string, number>; at: number; turn: number } | null = null

  /** Two marks of one millisecond would be one: VictoriaMetrics keeps the larger. A clock that was set back is followed. */
  function stamp(): number {
    const at = now()
    return at <= last.at && at > last.at - 1_000 ? last.at + 1 : at
  }

  return {
    due(oldest) {
      const marks = new Map<string, number>([[vantage, 0]])
      for (const [origin, from] of told) if (from > 0) marks.set(origin, 0)
      for (const [origin, from] of oldest) marks.set(origin || vantage, Math.floor(from / 1000))
      const isWaiting = oldest.size > 0
      const isNews = !isWaiting && [...told.values()].some((from) => from > 0)
      const turn = monotonic()
      const isDue = turn - last.turn >= (isWaiting ? EVERY_MS.waiting : EVERY_MS.empty)
      if (!isNews && !isDue) return null
      const at = stamp()
      pending = { marks, at, turn }
      return { batch: batchOf(marks, at), isNews }
    },
    written() {
      if (pending === null) return
      told = pending.marks
      last = pending
      pending = null
      for (const [origin, from] of told) report(origin, from)
    },
  }
}

function batchOf(marks: ReadonlyMap<string, number>, at: number): Batch {
  const lines = [...marks].map(([vantage, from]): Sample => ({
    measurement: 'wardline_spool',
    labels: { vantage },
    fields: { from_seconds: from },
    at,
  }))
  const body = Buffer.from(lines.map((line) => `${encodeLine(line)}\n`).join(''))
  return { kind: 'lines', body, samples: lines.length, from: at }
}
