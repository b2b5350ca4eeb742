import type { Device } from '../../lib/inventory.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import { STALE_INTERVALS } from '../../lib/status.ts'
import type { Range, VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type Grid, type Span, gridOf } from '../history/ranges.ts'
import { Problem } from '../problem.ts'
import { ERRORS, OCTETS } from './ask.ts'
import { bits, nameOf, thousandths } from './read.ts'
import type { InterfaceHistoryJson } from './schema.ts'

const TIMEOUT_MS = 20_000
const DAY_MS = 86_400_000

type Store = Pick<VictoriaMetrics, 'query' | 'queryRange'>

/**
 * The traffic and errors of one interface in even steps: two queries, whatever the span. Rejects with VictoriaMetricsError,
 * or with a 404 Problem where the device told nothing of such an interface in that time nor the day before its end.
 */
export async function askInterfaceHistory(
  store: Store,
  device: Device,
  index: number,
  span: Span,
  signal: AbortSignal,
): Promise<InterfaceHistoryJson> {
  const intervalMs = device.snmp?.intervalMs ?? 60_000
  const grid = gridOf(span, intervalMs)
  const own = `device=${quoteLabelValue(device.id)},ifIndex="${index}"`
  const options = { signal, timeoutMs: TIMEOUT_MS }
  // A rate takes two polls.
  const windowMs = Math.max(grid.stepMs, Math.ceil(STALE_INTERVALS * intervalMs))
  const seenMs = Math.max(DAY_MS, span.end - span.start)
  const [ranges, seen] = await Promise.all([
    store.queryRange(
      `max by (__name__) (rate({__name__=~"${OCTETS}|${ERRORS}",${own}}[${windowMs}ms]) keep_metric_names)`,
      { start: grid.start + grid.stepMs, end: grid.end, stepMs: grid.stepMs },
      options,
    ),
    store.query(
      `topk(1, tlast_over_time({__name__=~"ifOperStatus|${OCTETS}",${own}}[${seenMs}ms]) keep_metric_names)`,
      { at: span.end, ...options },
    ),
  ])
  const [newest] = seen
  if (newest === undefined)
    throw new Problem(
      404,
      'No such interface',
      `${device.id} told nothing of an interface with the index ${index}`,
    )
  return {
    device: device.id,
    index,
    name: nameOf(newest.labels),
    range: span.range,
    as_of: new Date(span.end).toISOString(),
    start: new Date(grid.start).toISOString(),
    end: new Date(grid.end).toISOString(),
    step_seconds: grid.stepMs / 1000,
    series: {
      in_bps: pointsOf(ranges, ['ifHCInOctets', 'ifInOctets'], grid, bits),
      out_bps: pointsOf(ranges, ['ifHCOutOctets', 'ifOutOctets'], grid, bits),
      in_errors: pointsOf(ranges, ['ifInErrors'], grid, thousandths),
      out_errors: pointsOf(ranges, ['ifOutErrors'], grid, thousandths),
    },
  }
}

/** One point for each instant of the grid, of the first metric that has one: null where nothing was polled. */
function pointsOf(
  ranges: readonly Range[],
  metrics: readonly string[],
  { instants }: Grid,
  shape: (value: number | null) => number | null,
): InterfaceHistoryJson['series']['in_bps'] {
  const series = metrics.flatMap((metric) => {
    const found = ranges.find(({ labels }) => labels['__name__'] === metric)
    return found === undefined ? [] : [new Map(found.points)]
  })
  return instants.map((at) => {
    const value = series.map((one) => one.get(at)).find((one) => one !== undefined)
    const isKnown = value !== undefined && Number.isFinite(value)
    return [new Date(at).toISOString(), isKnown ? shape(value) : null]
  })
}
