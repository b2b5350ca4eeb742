import type { DeviceState } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'

export type Kept = {
  readonly states: ReadonlyMap<string, DeviceState>
  /** All samples up to here are in the kept states; null before the first evaluation ever. */
  readonly watermark: number | null
}

export const WATERMARK = 'wardline_availability_watermark_seconds'

/** The confirmed states and the watermark as the last evaluation wrote them, however long ago within 40 days. */
export async function readKept(
  victoriaMetrics: VictoriaMetrics,
  signal: AbortSignal,
): Promise<Kept> {
  const ask = (expr: string) => victoriaMetrics.query(expr, { signal })
  const [mark] = await ask(`max(last_over_time(${WATERMARK}[40d]))`)
  if (mark === undefined) return { states: new Map(), watermark: null }
  // States are written again every 5 minutes: what was known at the watermark is within 15 minutes of it.
  const window = Math.ceil(Date.now() / 1000 - mark.value) + 900
  const [ups, sinces] = await Promise.all([
    ask(`last_over_time(device_state_up[${window}s])`),
    ask(`last_over_time(device_state_since[${window}s])`),
  ])
  const upOf = new Map(ups.map(({ labels, value }) => [labels['device'] ?? '', value]))
  const states = new Map<string, DeviceState>()
  for (const { labels, value } of sinces) {
    const device = labels['device'] ?? ''
    const up = upOf.get(device)
    // Any other value says that the device was switched off: it begins anew.
    if (up === 0 || up === 1) states.set(device, { up: up === 1, since: Math.round(value * 1000) })
  }
  return { states, watermark: Math.round(mark.value * 1000) }
}

/**
 * The states that raw samples of the `windowMs` before `at` amount to, for a start without kept states. Exact as far
 * as the window reaches: since = the last change of `ping_up`, or its first sample.
 */
export async function deriveFromHistory(
  victoriaMetrics: VictoriaMetrics,
  windowMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Map<string, DeviceState>> {
  const window = `[${Math.ceil(windowMs / 1000)}s]`
  const ask = (expr: string) => victoriaMetrics.query(expr, { signal, at, timeoutMs: 300_000 })
  const newest = await ask(`last_over_time(ping_up${window})`)
  if (newest.length === 0) return new Map()
  // Without the guard a gap at the window's start counts as a change.
  const edges = await ask(
    `max by (device) (tlast_change_over_time(ping_up${window}) and (changes_prometheus(ping_up${window}) > 0))`,
  )
  const firsts = await ask(`min by (device) (tfirst_over_time(ping_up${window}))`)
  const instants = (vector: typeof edges): Map<string, number> =>
    new Map(vector.map(({ labels, value }) => [labels['device'] ?? '', Math.round(value * 1000)]))
  const edgeAt = instants(edges)
  const firstAt = instants(firsts)
  const states = new Map<string, DeviceState>()
  for (const { labels, value } of newest) {
    const device = labels['device'] ?? ''
    const since = edgeAt.get(device) ?? firstAt.get(device)
    if (since !== undefined) states.set(device, { up: value > 0, since })
  }
  return states
}
