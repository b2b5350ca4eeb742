import type { Device } from '../../lib/inventory.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import type { Range, VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { ageSeconds, isoOrNull, milliseconds } from '../device-json.ts'
import type { HistoryJson, SeriesPoint } from '../schemas.ts'
import { inSlices } from '../../lib/slices.ts'
import { KNOWN_MS, outagesOf, readAssertions } from './outages.ts'
import { type Grid, type Span, gridOf } from './ranges.ts'

const TIMEOUT_MS = 20_000

/**
 * What one device went through, by its id alone: a device that moved branch or address has one history. Two
 * queries, whatever the span. Rejects with VictoriaMetricsError.
 */
export async function askHistory(
  victoriaMetrics: Pick<VictoriaMetrics, 'queryRange' | 'exportCsv'>,
  device: Device,
  span: Span,
  signal: AbortSignal,
): Promise<HistoryJson> {
  const { range, end: at } = span
  const grid = gridOf(span, device.ping.intervalMs)
  const id = quoteLabelValue(device.id)
  const options = { signal, timeoutMs: TIMEOUT_MS }
  const [series, states] = await Promise.all([
    victoriaMetrics.queryRange(
      historyQuery(id, grid.stepMs),
      { start: grid.start + grid.stepMs, end: grid.end, stepMs: grid.stepMs },
      options,
    ),
    victoriaMetrics.exportCsv(
      `{__name__=~"device_state_(up|since)",device=${id}}`,
      ['__name__', '__value__', '__timestamp__:unix_ms'],
      { start: grid.start - KNOWN_MS, end: at },
      options,
    ),
  ])
  const assertions = await inSlices(readAssertions(states))
  const outages = outagesOf(assertions, { start: grid.start, end: at })
  return {
    device: device.id,
    range,
    as_of: new Date(at).toISOString(),
    start: new Date(grid.start).toISOString(),
    end: new Date(grid.end).toISOString(),
    step_seconds: grid.stepMs / 1000,
    series: {
      rtt_ms: pointsOf(series, 'ping_rtt_seconds', grid, milliseconds),
      rtt_min_ms: pointsOf(series, 'rtt_min', grid, milliseconds),
      rtt_max_ms: pointsOf(series, 'rtt_max', grid, milliseconds),
      loss_ratio: pointsOf(series, 'ping_loss_ratio', grid, fourDigits),
      up: pointsOf(series, 'ping_up', grid, fourDigits),
    },
    outages: outages.map(({ start, end }) => ({
      start: new Date(start).toISOString(),
      end: isoOrNull(end),
      duration_seconds: ageSeconds(start, end ?? at) ?? 0,
    })),
  }
}

/** Of each step the means, and the shortest and the longest round trip. */
function historyQuery(id: string, stepMs: number): string {
  const rtt = `ping_rtt_seconds{device=${id}}[${stepMs}ms]`
  return `union(
    avg by (__name__) (avg_over_time({__name__=~"ping_(rtt_seconds|loss_ratio|up)",device=${id}}[${stepMs}ms]) keep_metric_names),
    label_set(min(min_over_time(${rtt})), "__name__", "rtt_min"),
    label_set(max(max_over_time(${rtt})), "__name__", "rtt_max"))`
}

/** One point for each instant of the grid: null where nothing was sampled, so that a gap stays a gap. */
function pointsOf(
  series: readonly Range[],
  metric: string,
  grid: Grid,
  shape: (value: number) => number,
): SeriesPoint[] {
  const points = series.find(({ labels }) => labels['__name__'] === metric)?.points ?? []
  const values = new Map(points)
  return grid.instants.map((instant) => {
    const value = values.get(instant)
    const isKnown = value !== undefined && Number.isFinite(value)
    return [new Date(instant).toISOString(), isKnown ? shape(value) : null]
  })
}

const fourDigits = (value: number): number => Math.round(value * 1e4) / 1e4
