import type { ExportedSeries } from '../../lib/export-series.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { selectValues } from '../../lib/labels.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { History, Said, Turn } from './segments.ts'
import { askUnsampled } from './unsampled.ts'
import { type Span, clip, union, without } from './spans.ts'

/** What happened to the devices in a range, as it was recorded. */
export type Facts = {
  /** By device; one of which nothing was ever recorded has none. */
  readonly histories: ReadonlyMap<string, History>
  /** Devices that were down when the range began, and since when. */
  readonly downBefore: ReadonlyMap<string, number>
}

export type FactsQuestion = {
  readonly range: Span
  /** Only these; null: the whole fleet. */
  readonly only: readonly string[] | null
  readonly inventory: Inventory
  /** `alerting.interval`: how often statuses are written again. */
  readonly evaluationMs: number
  readonly signal: AbortSignal
}

type Store = Pick<VictoriaMetrics, 'query' | 'exportCsv' | 'exportSeries'>

const TIMEOUT_MS = 120_000
const DAY_MS = 86_400_000
/** A state that wasn't said for longer is nobody's any more. */
const KEPT_DAYS = 7
/** After a longer pause alerting doesn't look at each sample that it missed: turns may be lost. */
const REPLAYED_MS = 6 * 3_600_000
/** So many days of a device are asked for at once: 1.7 million samples, held as 28 MB. */
const MOST_DEVICE_DAYS = 6_000
/** VictoriaMetrics looks up to so many values of a label up one by one; more it tries on every series. */
const MOST_NAMED = 100
const WATERMARK = 'wardline_availability_watermark_seconds'

/**
 * Reads what a report is made from, as it arrives. A constant number of questions for each piece of the range, and for each
 * hundred devices where not all are asked for:
 * - the turns, from `device_state_up`, which is stamped with the first probe of each state;
 * - when the status was unknown, as alerting recorded it;
 * - where alerting wasn't there to record it, from the ping samples themselves.
 * Rejects with VictoriaMetricsError.
 */
export async function askFacts(store: Store, question: FactsQuestion): Promise<Facts> {
  const { range, only, inventory, evaluationMs, signal } = question
  const options = { signal, timeoutMs: TIMEOUT_MS }
  const keptMs = Math.max(60_000, 3 * evaluationMs)
  const pauses = await askPauses(store, range, keptMs, options)
  const histories = new Map<string, History>()
  const downBefore = new Map<string, number>()
  for (const batch of batchesOf(only, inventory)) {
    const facts = await askBatch(store, batch, { range, keptMs, pauses }, options)
    for (const [id, history] of facts.histories) histories.set(id, history)
    for (const [id, since] of facts.downBefore) downBefore.set(id, since)
  }
  return { histories, downBefore }
}

/** Devices that are asked for at once; `match` selects their series, `''` all that there are. */
type Batch = { readonly match: string; readonly devices: Inventory }

function batchesOf(only: readonly string[] | null, inventory: Inventory): Batch[] {
  if (only === null) return [{ match: '', devices: inventory }]
  const batches: Batch[] = []
  for (let start = 0; start < only.length; start += MOST_NAMED) {
    const ids = only.slice(start, start + MOST_NAMED)
    const devices = new Map(ids.flatMap((id) => pairOf(inventory, id)))
    batches.push({ match: `,${selectValues('device', ids)}`, devices })
  }
  return batches
}

function pairOf(inventory: Inventory, id: string): [string, Device][] {
  const device = inventory.get(id)
  return device === undefined ? [] : [[id, device]]
}

async function askBatch(
  store: Store,
  { match, devices }: Batch,
  { range, keptMs, pauses }: { range: Span; keptMs: number; pauses: readonly Span[] },
  options: Options,
): Promise<Facts> {
  const lost = pauses.filter(({ from, until }) => until - from > REPLAYED_MS)
  const short = pauses.filter(({ from, until }) => until - from <= REPLAYED_MS)
  const turns = new Map<string, Turn[]>()
  const unknown = new Map<string, Span[]>()
  const [before, unsampled] = await Promise.all([
    askBefore(store, match, range.from, options),
    askUnsampled(
      store,
      `{__name__="ping_up"${match}}`,
      { inventory: devices, pauses: short },
      options,
    ),
    forPieces(range, devices.size, async (piece) => {
      const selector = `{__name__="device_state_up"${match}}`
      const within = lost.filter(({ from }) => from <= piece.end)
      await store.exportSeries(
        selector,
        piece,
        (series) => addTurns(turns, series, within),
        options,
      )
    }),
    forPieces(range, devices.size, async (piece) => {
      const selector = `{__name__="device_status",status="unknown"${match}}`
      const lead = { start: piece.start - keptMs, end: piece.end }
      await store.exportSeries(
        selector,
        lead,
        (series) => addTo(unknown, series, unknownOf(series, keptMs, piece.end)),
        options,
      )
    }),
  ])

  const histories = new Map<string, History>()
  const downBefore = new Map<string, number>()
  for (const id of new Set([...before.keys(), ...turns.keys()])) {
    const first = before.get(id)
    // A pause that the range begins in: what was said before it may be over.
    const isLost = lost.some(({ from, until }) => from < range.from && until > range.from)
    const begin: Turn[] =
      first === undefined ? [] : [{ at: range.from, said: isLost ? 'unsaid' : first.said }]
    if (first?.said === 'down') downBefore.set(id, first.since)
    histories.set(id, {
      turns: [...begin, ...(turns.get(id) ?? [])],
      unknown: union(clip([...(unknown.get(id) ?? []), ...(unsampled.get(id) ?? [])], range)),
    })
  }
  return { histories, downBefore }
}

type Options = { readonly signal: AbortSignal; readonly timeoutMs: number }
type Piece = { readonly start: number; readonly end: number }

/** One piece after the other: a month of a big fleet is more than should be asked for at once. */
async function forPieces(
  { from, until }: Span,
  devices: number,
  ask: (piece: Piece) => Promise<void>,
): Promise<void> {
  const length = Math.max(1, Math.floor(MOST_DEVICE_DAYS / Math.max(1, devices))) * DAY_MS
  for (let start = from; start < until; start += length)
    await ask({ start, end: Math.min(start + length, until) })
}

/** The times of the range in which alerting recorded nothing, from its watermark, which it writes with each evaluation. */
async function askPauses(
  store: Store,
  range: Span,
  keptMs: number,
  options: Options,
): Promise<Span[]> {
  const seen: Span[] = []
  const lead = { from: range.from - REPLAYED_MS - keptMs, until: range.until }
  await store.exportSeries(
    WATERMARK,
    { start: lead.from, end: lead.until },
    (series) => seen.push(...stretchesOf(series, keptMs)),
    options,
  )
  // A series is split where alerting moved; nobody pauses from one evaluation to the next.
  const closed = union(seen.map(({ from, until }) => ({ from, until: until + keptMs })))
  return without(lead, closed)
    .map(({ from, until }) => ({ from: Math.max(lead.from, from - keptMs), until }))
    .filter(({ until }) => until > range.from)
}

/** First and last stamps of samples that follow one another within `mostMs`. */
function stretchesOf(series: ExportedSeries, mostMs: number): Span[] {
  const stretches: Span[] = []
  let from = series.stampAt(0)
  let until = from
  for (let index = 1; index < series.count; index++) {
    const at = series.stampAt(index)
    if (at - until > mostMs) {
      stretches.push({ from, until })
      from = at
    }
    until = at
  }
  stretches.push({ from, until })
  return stretches
}

type Before = { readonly said: Said; readonly since: number }

/** The states that were said last before the range. */
async function askBefore(
  store: Store,
  match: string,
  at: number,
  options: Options,
): Promise<Map<string, Before>> {
  const vector = await store.query(
    `last_over_time({__name__=~"device_state_(up|since)"${match}}[${KEPT_DAYS}d])`,
    { ...options, at },
  )
  const said = new Map<string, Said>()
  const since = new Map<string, number>()
  for (const { labels, value } of vector) {
    const id = labels['device'] ?? ''
    if (labels['__name__'] === 'device_state_up') said.set(id, saidBy(value))
    else since.set(id, Math.round(value * 1000))
  }
  return new Map([...said].map(([id, word]) => [id, { said: word, since: since.get(id) ?? at }]))
}

/** -1 says that the device was switched off, or left. */
const saidBy = (value: number): Said => (value === 1 ? 'up' : value === 0 ? 'down' : 'off')

/** Turns are where the value changes: the first sample of a state is stamped with the probe that began it. */
function addTurns(all: Map<string, Turn[]>, series: ExportedSeries, lost: readonly Span[]): void {
  const id = series.labels['device'] ?? ''
  const turns = all.get(id) ?? []
  const known = turns.at(-1)?.said
  for (const { value, index, count } of series.runs()) {
    const said = saidBy(value)
    if (index > 0 || said !== known) turns.push({ at: series.stampAt(index), said })
    for (const pause of lost) interrupt(turns, series, { index, count }, said, pause)
  }
  all.set(id, turns)
}

/** What was said before a pause in which turns may have been lost isn't known to hold until it is said again. */
function interrupt(
  turns: Turn[],
  series: ExportedSeries,
  { index, count }: { index: number; count: number },
  said: Said,
  { from }: Span,
): void {
  const firstAfter = firstLaterThan(series, from)
  const isEnding = firstAfter === index + count && series.stampAt(index + count - 1) <= from
  const isInside = firstAfter > index && firstAfter < index + count
  if (said === 'off' || (!isEnding && !isInside)) return
  turns.push({ at: from, said: 'unsaid' })
  if (isInside) turns.push({ at: series.stampAt(firstAfter), said })
}

/** The index of the first sample that is stamped later; `count` when there is none. */
function firstLaterThan(series: ExportedSeries, at: number): number {
  let [low, high] = [0, series.count]
  while (low < high) {
    const middle = (low + high) >> 1
    if (series.stampAt(middle) <= at) low = middle + 1
    else high = middle
  }
  return low
}

/** When the status was unknown: from the first sample that says so until the marker that ends them. */
function unknownOf(series: ExportedSeries, keptMs: number, end: number): Span[] {
  const spans: Span[] = []
  for (const { value, index, count } of series.runs()) {
    if (Number.isNaN(value)) continue
    const last = index + count - 1
    let from = series.stampAt(index)
    let until = from
    for (let next = index + 1; next <= last; next++) {
      const at = series.stampAt(next)
      if (at - until > keptMs) {
        spans.push({ from, until })
        from = at
      }
      until = at
    }
    // The marker is the sample after the run; without one alerting ended, or the range did.
    const marker = last + 1 < series.count ? series.stampAt(last + 1) : end
    spans.push({ from, until: marker - until <= keptMs ? marker : until })
  }
  return spans
}

function addTo(all: Map<string, Span[]>, { labels }: ExportedSeries, spans: readonly Span[]): void {
  const id = labels['device'] ?? ''
  const known = all.get(id)
  if (known === undefined) all.set(id, [...spans])
  else known.push(...spans)
}
