import type { Inventory } from '../../lib/inventory.ts'
import { uplinkState } from '../../lib/uplink.ts'
import {
  type PastUplinks,
  UPLINK_STATUSES,
  type UplinkReading,
  readUplinks,
  seriesKey,
  uplinksQuery,
} from '../../lib/uplink/readings.ts'
import type { Point, Vector, VictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Vectors } from './vectors.ts'

/**
 * Uplinks as they were read last, and since when they are so. What a view saw is remembered; the past is asked once,
 * and again after a time in which nobody read. The views don't wait for it.
 */
export type UplinkMemory = {
  readonly past: PastUplinks
  note(inventory: Inventory, vectors: Vectors, at: number, signal: AbortSignal): void
}

/** How far back an uplink is known whose device is silent. */
const LOOK_BACK_MS = 7 * 24 * 3_600_000
/** The label that tells an instant of change from a value, in the one answer that has both. */
const CHANGE = 'wardline_change'
const LOOK_BACK = `union(
  ${uplinksQuery(LOOK_BACK_MS)},
  label_set(tlast_change_over_time(${UPLINK_STATUSES}[${LOOK_BACK_MS}ms]) keep_metric_names, "${CHANGE}", "1"))`
/** Views that are further apart than this may have missed a change between them. */
const PAUSE_MS = 10_000
const RETRY_MS = 60_000
const TIMEOUT_MS = 20_000

type Remembered = UplinkReading & { readonly since: number | null }

/** Uplinks as they were read last before an instant, and since when they were so. Rejects with VictoriaMetricsError. */
export async function askUplinks(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  at: number,
  signal: AbortSignal,
): Promise<PastUplinks> {
  const answer = await victoriaMetrics.query(LOOK_BACK, { at, signal, timeoutMs: TIMEOUT_MS })
  const changedAt = newestChanges(answer.filter(isChange))
  const readings = readUplinks(answer.filter((point) => !isChange(point)))
  return new Map(
    [...readings].map(([key, reading]) => {
      const since = changedAt.get(seriesKey(reading.labels)) ?? null
      return [key, { ...reading, since }]
    }),
  )
}

export function createUplinkMemory(victoriaMetrics: Pick<VictoriaMetrics, 'query'>): UplinkMemory {
  const past = new Map<string, Remembered>()
  let isComplete = false
  let seenAt = 0
  let busy = false
  let notBefore = 0

  function note(inventory: Inventory, vectors: Vectors, at: number, signal: AbortSignal): void {
    if (at - seenAt > PAUSE_MS) isComplete = false
    seenAt = at
    for (const [key, reading] of readUplinks(vectors.uplinks)) {
      past.set(key, { ...reading, since: sinceOf(reading, past.get(key)) })
    }
    for (const [key, { labels }] of past) {
      if (!inventory.has(labels['device'] ?? '')) past.delete(key)
    }
    if (!isComplete && !busy && at >= notBefore) void lookBack(at, signal)
  }

  /** While nothing was missed a new state began with the reading that shows it. */
  function sinceOf(reading: UplinkReading, known: Remembered | undefined): number | null {
    if (known !== undefined && isSameState(reading, known)) return known.since
    return isComplete ? reading.at : null
  }

  async function lookBack(at: number, signal: AbortSignal): Promise<void> {
    busy = true
    try {
      for (const [key, reading] of await askUplinks(victoriaMetrics, at, signal)) {
        const known = past.get(key)
        if (known !== undefined && !isSameState(known, reading)) continue
        past.set(key, { ...(known ?? reading), since: reading.since ?? known?.since ?? null })
      }
      isComplete = true
    } catch {
      notBefore = at + RETRY_MS
    } finally {
      busy = false
    }
  }

  return { past, note }
}

const isChange = ({ labels }: Point): boolean => CHANGE in labels

/** When ifOperStatus or ifAdminStatus of an interface changed last. */
function newestChanges(changes: Vector): Map<string, number> {
  const newest = new Map<string, number>()
  for (const { labels, value } of changes) {
    if (!Number.isFinite(value)) continue
    const { [CHANGE]: _mark, ...own } = labels
    const key = seriesKey(own)
    newest.set(key, Math.max(newest.get(key) ?? 0, Math.round(value * 1000)))
  }
  return newest
}

const isSameState = (a: UplinkReading, b: UplinkReading): boolean =>
  uplinkState({ ...a, isFresh: true }) === uplinkState({ ...b, isFresh: true })
