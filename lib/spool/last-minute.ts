import type { Batch } from './backlog.ts'

/** VictoriaMetrics killed with -9 loses up to 13 s that it had acknowledged: this much is kept to be sent again. */
const KEEP_MS = 60_000

/** What VictoriaMetrics acknowledged in the last minute. */
export type LastMinute = {
  add(batch: Batch): void
  /** All of it, which is forgotten here. */
  take(): readonly Batch[]
}

export function createLastMinute(): LastMinute {
  let kept: { readonly at: number; readonly batch: Batch }[] = []
  return {
    add(batch) {
      const now = performance.now()
      kept.push({ at: now, batch })
      while ((kept[0]?.at ?? now) < now - KEEP_MS) kept.shift()
    },
    take() {
      const batches = kept.map(({ batch }) => batch)
      kept = []
      return batches
    },
  }
}
