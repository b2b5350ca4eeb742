import { quoteLabelValue } from '../lib/labels.ts'
import type { Range, VictoriaMetrics } from '../lib/victoriametrics.ts'
import type { Device } from '../lib/inventory.ts'
import { milliseconds } from './device-json.ts'
import type { SparklinesJson } from './sparklines-schema.ts'

/** The last hour of many devices, in few points each: what a list draws beside its figures. */

const POINTS = 30
const STEP_MS = 120_000
const TIMEOUT_MS = 10_000

/** One query, however many devices. `isPast`: nothing that came after `at`. Rejects with VictoriaMetricsError. */
export async function askSparklines(
  victoriaMetrics: Pick<VictoriaMetrics, 'queryRange'>,
  devices: readonly Device[],
  { at, isPast }: { readonly at: number; readonly isPast: boolean },
  signal: AbortSignal,
): Promise<SparklinesJson> {
  // A step holds a probe of each at least: else a device that is seldom probed would be all gaps.
  const stepMs = Math.max(STEP_MS, ...devices.map(({ ping }) => ping.intervalMs))
  // The last step is under way: what it holds so far is the newest there is.
  const end = (isPast ? Math.floor(at / stepMs) : Math.ceil(at / stepMs)) * stepMs
  const start = end - (POINTS - 1) * stepMs
  const series =
    devices.length === 0
      ? []
      : await victoriaMetrics.queryRange(
          sparklinesQuery(devices, stepMs),
          { start, end, stepMs },
          { signal, timeoutMs: TIMEOUT_MS },
        )
  const instants = Array.from({ length: POINTS }, (_, index) => start + index * stepMs)
  const found = Map.groupBy(series, ({ labels }) => labels['device'] ?? '')
  return {
    start: new Date(start - stepMs).toISOString(),
    end: new Date(end).toISOString(),
    step_seconds: stepMs / 1000,
    devices: Object.fromEntries(
      devices.map(({ id }) => [
        id,
        {
          rtt_ms: valuesOf(found.get(id), 'ping_rtt_seconds', instants, milliseconds),
          loss_ratio: valuesOf(found.get(id), 'ping_loss_ratio', instants, fourDigits),
        },
      ]),
    ),
  }
}

function sparklinesQuery(devices: readonly Device[], stepMs: number): string {
  const ids = quoteLabelValue(devices.map(({ id }) => escapeRegex(id)).join('|'))
  const samples = `{__name__=~"ping_(rtt_seconds|loss_ratio)",device=~${ids}}[${stepMs}ms]`
  return `avg by (__name__, device) (avg_over_time(${samples}) keep_metric_names)`
}

/** `RegExp.escape` writes some characters in a way that RE2 doesn't read. */
const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

function valuesOf(
  series: readonly Range[] | undefined,
  metric: string,
  instants: readonly number[],
  shape: (value: number) => number,
): (number | null)[] {
  const points = series?.find(({ labels }) => labels['__name__'] === metric)?.points
  const values = new Map(points)
  return instants.map((instant) => {
    const value = values.get(instant)
    return value !== undefined && Number.isFinite(value) ? shape(value) : null
  })
}

const fourDigits = (value: number): number => Math.round(value * 1e4) / 1e4
