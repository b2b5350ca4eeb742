import { BLIND_MARK_MS, type Stretches, isBlindAt, readPastStretches } from '../../lib/blindness.ts'
import type { ExportedSeries } from '../../lib/export-series.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { STALE_INTERVALS } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type Span, union, without } from './spans.ts'

/** Of a large fleet these are some million samples. */
const AT_ONCE_MS = 30 * 60_000

/**
 * By device, the times within alerting's pauses in which its samples were too old: a sample says something for so long as
 * the status takes it for fresh. What a blind collector didn't get an answer to says nothing. `pings` selects the samples.
 */
export async function askUnsampled(
  store: Pick<VictoriaMetrics, 'exportCsv' | 'exportSeries'>,
  pings: string,
  { inventory, pauses }: { readonly inventory: Inventory; readonly pauses: readonly Span[] },
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<ReadonlyMap<string, readonly Span[]>> {
  const unsampled = new Map<string, Span[]>()
  let longestMs = 0
  for (const { ping } of inventory.values())
    longestMs = Math.max(longestMs, STALE_INTERVALS * ping.intervalMs)
  for (const pause of pauses) {
    const range = { start: pause.from - longestMs, end: pause.until }
    const blind = await readPastStretches(
      store,
      { start: range.start, end: range.end + BLIND_MARK_MS },
      options.signal,
    )
    const fresh = new Map<string, Span[]>()
    const note = (series: ExportedSeries): void => {
      const device = inventory.get(series.labels['device'] ?? '')
      if (device === undefined) return
      add(fresh, device.id, freshOf(series, STALE_INTERVALS * device.ping.intervalMs, blind))
    }
    for (let start = range.start; start < range.end; start += AT_ONCE_MS) {
      const end = Math.min(start + AT_ONCE_MS, range.end)
      await store.exportSeries(pings, { start, end }, note, options)
    }
    for (const id of inventory.keys()) {
      const silent = without(pause, union(fresh.get(id) ?? []))
      if (silent.length > 0) add(unsampled, id, silent)
    }
  }
  return unsampled
}

function add(all: Map<string, Span[]>, id: string, spans: readonly Span[]): void {
  const known = all.get(id)
  if (known === undefined) all.set(id, [...spans])
  else known.push(...spans)
}

function freshOf(series: ExportedSeries, staysMs: number, blind: Stretches): Span[] {
  const vantage = series.labels['vantage']
  const spans: Span[] = []
  for (const { value, index, count } of series.runs()) {
    for (let next = index; next < index + count; next++) {
      const at = series.stampAt(next)
      if (value === 0 && isBlindAt(blind, vantage, at)) continue
      const last = spans.at(-1)
      if (last !== undefined && at <= last.until)
        spans[spans.length - 1] = { from: last.from, until: at + staysMs }
      else spans.push({ from: at, until: at + staysMs })
    }
  }
  return spans
}
