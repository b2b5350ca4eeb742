import { type Labels, labelsKey } from '../../lib/labels.ts'
import type { DeviceState } from '../../lib/status.ts'
import type { Logger } from '../../lib/log.ts'
import type { Point, Vector, VictoriaMetrics } from '../../lib/victoriametrics.ts'

export type Kept = {
  readonly states: ReadonlyMap<string, DeviceState>
  /** When devices that have no state were switched off or left. */
  readonly leftAt: ReadonlyMap<string, number>
  /** All samples up to here are in the kept states; null before the first evaluation ever. */
  readonly watermark: number | null
}

export const WATERMARK = 'wardline_availability_watermark_seconds'

/** The confirmed states and the watermark as the last evaluation wrote them, however long ago within 40 days. */
export async function readKept(
  victoriaMetrics: VictoriaMetrics,
  at: number,
  signal: AbortSignal,
): Promise<Kept> {
  const ask = (expr: string) => victoriaMetrics.query(expr, { at, signal })
  const [mark] = await ask(`max(last_over_time(${WATERMARK}[40d]))`)
  if (mark === undefined) return { states: new Map(), leftAt: new Map(), watermark: null }
  // States are written again every 5 minutes: what was known at the watermark is within 15 minutes of it.
  const window = Math.ceil(at / 1000 - mark.value) + SAID_SECONDS
  const { states, leftAt } = await askStates(victoriaMetrics, window, at, signal)
  return { states, leftAt, watermark: Math.round(mark.value * 1000) }
}

/** States are said again every 5 minutes, by the samples' time. */
const SAID_SECONDS = 900

/** The states as of `at`, by what is kept of them now. */
export async function readStatesAt(
  victoriaMetrics: VictoriaMetrics,
  at: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DeviceState>> {
  return (await askStates(victoriaMetrics, SAID_SECONDS, at, signal)).states
}

async function askStates(
  victoriaMetrics: VictoriaMetrics,
  windowSeconds: number,
  at: number,
  signal: AbortSignal,
): Promise<Pick<Kept, 'states' | 'leftAt'>> {
  // One question, so that both halves of a state are of one moment.
  const halves = await victoriaMetrics.query(
    `last_over_time({__name__=~"device_state_(up|since)"}[${windowSeconds}s])`,
    { at, signal },
  )
  const isUp = ({ labels }: Point): boolean => labels['__name__'] === 'device_state_up'
  const upOf = new Map(
    halves.filter(isUp).map(({ labels, value }) => [labels['device'] ?? '', value]),
  )
  const states = new Map<string, DeviceState>()
  const leftAt = new Map<string, number>()
  for (const point of halves) {
    if (isUp(point)) continue
    const { labels, value } = point
    const device = labels['device'] ?? ''
    const up = upOf.get(device)
    const since = Math.round(value * 1000)
    // Any other value says that the device was switched off: it begins anew.
    if (up === 0 || up === 1) states.set(device, { up: up === 1, since })
    else leftAt.set(device, since)
  }
  return { states, leftAt }
}

/** The stamp of each device's newest ping sample in the `windowMs` before `at`. */
export async function readNewest(
  victoriaMetrics: VictoriaMetrics,
  windowMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const expr = `max by (device) (tlast_over_time(ping_up[${Math.ceil(windowMs / 1000) + 1}s]))`
  const points = await victoriaMetrics.query(expr, { at, signal })
  return new Map(
    points.map(({ labels, value }) => [labels['device'] ?? '', Math.round(value * 1000)]),
  )
}

/** The stamp of each vantage's newest ping sample of each device, in the `windowMs` before `at`. */
export async function readVantages(
  victoriaMetrics: VictoriaMetrics,
  windowMs: number,
  at: number,
  signal: AbortSignal,
): Promise<{ device: string; vantage: string; lastAt: number }[]> {
  const expr = `max by (device, vantage) (tlast_over_time(ping_up[${Math.ceil(windowMs / 1000) + 1}s]))`
  const points = await victoriaMetrics.query(expr, { at, signal })
  return points.flatMap(({ labels: { device = '', vantage }, value }) =>
    vantage === undefined ? [] : [{ device, vantage, lastAt: Math.round(value * 1000) }],
  )
}

/** `changed`: the state began within the window, so that its since is exact; else it is the window's first sample. */
export type DerivedState = DeviceState & { readonly changed: boolean }

/** What the samples of one series in the window say; a device that moved has several, one after another. */
type Stretch = {
  readonly up: boolean
  readonly changedAt: number | undefined
  readonly firstAt: number
  readonly lastAt: number
}

const HOUR_MS = 3_600_000
const STEPS_MS = [6, 24, 7 * 24, 30 * 24, 120 * 24].map((hours) => hours * HOUR_MS)

/**
 * The states that raw samples before `at` amount to, for a start without kept states: since is the last change of
 * `ping_up`. Looks back in growing steps, up to `windowMs`, until it saw every state begin. VictoriaMetrics refuses
 * to look at too many samples at once: then what the last step saw is what is known, "since at least".
 */
export async function deriveFromHistory(
  victoriaMetrics: VictoriaMetrics,
  windowMs: number,
  at: number,
  signal: AbortSignal,
  log: Logger,
): Promise<Map<string, DerivedState>> {
  let derived = new Map<string, DerivedState>()
  for (const step of [...STEPS_MS.filter((ms) => ms < windowMs), windowMs]) {
    const before = derived
    try {
      derived = await deriveFromWindow(victoriaMetrics, step, at, signal)
    } catch (error) {
      if (signal.aborted || derived.size === 0) throw error
      const reason = (error as Error).message
      log.warn(
        { hours: step / HOUR_MS, reason },
        'states that began before are known from later on',
      )
      return derived
    }
    const isWhole = [...derived].every(
      // Looking further back found nothing older: it is the first sample of all, and not the first after a gap.
      ([device, { changed, since }]) => changed || before.get(device)?.since === since,
    )
    if (derived.size > 0 && isWhole) return derived
  }
  return derived
}

async function deriveFromWindow(
  victoriaMetrics: VictoriaMetrics,
  windowMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Map<string, DerivedState>> {
  const window = `[${Math.ceil(windowMs / 1000)}s]`
  const ask = (expr: string) => victoriaMetrics.query(expr, { signal, at, timeoutMs: 300_000 })
  const newest = await ask(`last_over_time(ping_up${window})`)
  if (newest.length === 0) return new Map()
  // Without the guard a gap at the window's start counts as a change.
  const changedAt = instants(
    await ask(
      `tlast_change_over_time(ping_up${window}) and (changes_prometheus(ping_up${window}) > 0)`,
    ),
  )
  const firstAt = instants(await ask(`tfirst_over_time(ping_up${window})`))
  const lastAt = instants(await ask(`tlast_over_time(ping_up${window})`))

  const stretches = new Map<string, Stretch[]>()
  for (const { labels, value } of newest) {
    const series = seriesKey(labels)
    const stretch = {
      up: value > 0,
      changedAt: changedAt.get(series),
      firstAt: firstAt.get(series) ?? at,
      lastAt: lastAt.get(series) ?? at,
    }
    const device = labels['device'] ?? ''
    stretches.set(device, [...(stretches.get(device) ?? []), stretch])
  }
  return new Map([...stretches].map(([device, all]) => [device, joined(all)]))
}

/** The state at the end of stretches that follow one another. */
function joined(stretches: readonly Stretch[]): DerivedState {
  const [newest, ...older] = stretches.toSorted((a, b) => b.lastAt - a.lastAt)
  const up = newest?.up ?? false
  let since = newest?.firstAt ?? 0
  if (newest?.changedAt !== undefined) return { up, since: newest.changedAt, changed: true }
  for (const stretch of older) {
    if (stretch.up !== up) return { up, since, changed: true }
    if (stretch.changedAt !== undefined) return { up, since: stretch.changedAt, changed: true }
    since = Math.min(since, stretch.firstAt)
  }
  return { up, since, changed: false }
}

const instants = (vector: Vector): Map<string, number> =>
  new Map(vector.map(({ labels, value }) => [seriesKey(labels), Math.round(value * 1000)]))

/** Some functions keep the metric's name and some drop it. */
function seriesKey(labels: Labels): string {
  const { __name__: _, ...rest } = labels
  return labelsKey(rest)
}
