import type { Clock } from '../lib/clock.ts'
import { quoteLabelValue } from '../lib/labels.ts'
import type { Logger } from '../lib/log.ts'
import type { VictoriaMetrics } from '../lib/victoriametrics.ts'

const WINDOW_MS = 600_000
/** Probes of the newest slots are still under way, or on their way. */
const SETTLE_MS = 30_000
const EVERY_MS = 60_000

/** Counts what was due, and asks VictoriaMetrics each minute how much of it is there (D4). */
export type StoredRatio = {
  due(slotAt: number, count: number): void
  run(signal: AbortSignal): Promise<void>
}

export function createStoredRatio({
  vantage,
  victoriaMetrics,
  report,
  clock,
  log,
}: {
  vantage: string
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>
  report: (ratio: number) => void
  clock: Clock
  log: Logger
}): StoredRatio {
  const dueBySlot = new Map<number, number>()

  async function measure(signal: AbortSignal): Promise<void> {
    const end = Math.floor((clock.now() - SETTLE_MS) / 1000) * 1000
    for (const slot of dueBySlot.keys()) if (slot <= end - WINDOW_MS) dueBySlot.delete(slot)
    let due = 0
    let first = end
    for (const [slot, count] of dueBySlot) {
      if (slot > end) continue
      due += count
      first = Math.min(first, slot)
    }
    if (due === 0) return
    const [row] = await victoriaMetrics.query(
      `sum(count_over_time(ping_up{vantage=${quoteLabelValue(vantage)}}[${end - first + 1000}ms]))`,
      { at: end, signal },
    )
    report(Math.min(1, (row?.value ?? 0) / due))
  }

  return {
    due(slotAt, count) {
      dueBySlot.set(slotAt, (dueBySlot.get(slotAt) ?? 0) + count)
    },
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleepUntil(clock.now() + EVERY_MS, signal).catch(() => {})
        if (signal.aborted) return
        await measure(signal).catch((error: Error) => {
          if (!signal.aborted) log.debug({ reason: error.message }, 'stored ratio not measured')
        })
      }
    },
  }
}
