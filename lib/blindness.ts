import type { Sample } from './line-protocol.ts'
import type { Vector, VictoriaMetrics } from './victoriametrics.ts'

/**
 * A collector that lost its network says so: marks, which it writes beside its samples. What it didn't get an answer to
 * meanwhile says nothing about devices. Instants are Unix milliseconds.
 */
export type Mark = {
  readonly vantage: string
  readonly at: number
  /** Since when it is blind; null: it sees. */
  readonly since: number | null
}

/** A time in which a vantage was blind: [from, to), or up to now. */
export type Stretch = {
  readonly from: number
  /** Null: it goes on. */
  readonly to: number | null
  /** Stamp of the newest mark that says so. */
  readonly markedAt: number
}

/** By vantage. */
export type Stretches = ReadonlyMap<string, readonly Stretch[]>

export const BLIND = 'wardline_vantage_blind'
/** Only while it is blind: whoever sees but the last mark knows when it began. */
export const BLIND_SINCE = 'wardline_vantage_blind_since_seconds'
const MARKS = `{__name__=~"${BLIND}|${BLIND_SINCE}"}`

/** While it is blind, a collector says so each second. */
export const BLIND_MARK_MS = 1_000

export const markSample = ({ vantage, at, since }: Mark): Sample => ({
  measurement: '',
  labels: { vantage },
  fields: since === null ? { [BLIND]: 0 } : { [BLIND]: 1, [BLIND_SINCE]: since / 1000 },
  at,
})

/** What each vantage said last, in the `windowMs` before: the query for `blindSince`. */
export const lastMarksQuery = (windowMs: number): string =>
  `last_over_time(${MARKS}[${Math.ceil(windowMs)}ms])`

/** The vantages that are blind by their last marks, and since when. */
export function blindSince(lastMarks: Vector): Map<string, number> {
  const blind = new Map<string, number>()
  const valuesOf = (name: string): readonly (readonly [string, number])[] =>
    lastMarks
      .filter(({ labels }) => labels['__name__'] === name)
      .map(({ labels, value }) => [labels['vantage'] ?? '', value])
  const since = new Map(valuesOf(BLIND_SINCE))
  for (const [vantage, value] of valuesOf(BLIND)) {
    const seconds = since.get(vantage)
    if (value === 1 && seconds !== undefined) blind.set(vantage, Math.round(seconds * 1000))
  }
  return blind
}

/** The last stretch of each vantage that was blind in the `windowMs` before `at`, without reading every mark. */
export async function readLastStretches(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  windowMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Stretches> {
  const options = { at, signal }
  const last = await victoriaMetrics.query(lastMarksQuery(windowMs), options)
  const begun = last.filter(({ labels }) => labels['__name__'] === BLIND_SINCE)
  if (begun.length === 0) return new Map()
  const stamps = await victoriaMetrics.query(
    `tlast_over_time(${BLIND_SINCE}[${Math.ceil(windowMs)}ms])`,
    options,
  )
  const markedAt = new Map(
    stamps.map(({ labels, value }) => [labels['vantage'] ?? '', Math.round(value * 1000)]),
  )
  const goingOn = blindSince(last)
  const stretches = new Map<string, readonly Stretch[]>()
  for (const { labels, value } of begun) {
    const vantage = labels['vantage'] ?? ''
    const marked = markedAt.get(vantage)
    if (marked === undefined) continue
    const to = goingOn.has(vantage) ? null : marked + BLIND_MARK_MS
    stretches.set(vantage, [{ from: Math.round(value * 1000), to, markedAt: marked }])
  }
  return stretches
}

// The vantage comes last: it is the one column that may hold a comma or a quote.
const COLUMNS = ['__timestamp__:unix_ms', '__value__', '__name__', 'vantage'] as const

type Exporter = Pick<VictoriaMetrics, 'exportCsv'>

/** All marks stamped in [start, end], oldest first. */
export async function readMarks(
  victoriaMetrics: Exporter,
  range: { start: number; end: number },
  signal: AbortSignal,
): Promise<Mark[]> {
  return parseMarks(await victoriaMetrics.exportCsv(MARKS, COLUMNS, range, { signal }))
}

/** The stretches of a long past, read from the marks of blind vantages alone: there hardly are any. */
export async function readPastStretches(
  victoriaMetrics: Exporter,
  range: { start: number; end: number },
  signal: AbortSignal,
): Promise<Stretches> {
  const csv = await victoriaMetrics.exportCsv(BLIND_SINCE, COLUMNS, range, { signal })
  const open = withMarks(new Map(), parseMarks(csv))
  const ended = (stretch: Stretch): Stretch => ({
    ...stretch,
    to: stretch.markedAt + BLIND_MARK_MS,
  })
  return new Map([...open].map(([vantage, list]) => [vantage, list.map(ended)]))
}

/** Rows `1795321194000,0,wardline_vantage_blind,dc-1`; the two of one mark are one. */
export function parseMarks(csv: string): Mark[] {
  const marks = new Map<string, Mark>()
  for (const line of csv.split('\n')) {
    const [stamp = '', value = '', name, ...rest] = line.trimEnd().split(',')
    const text = rest.join(',')
    if (text === '') continue
    const vantage = text.startsWith('"') ? (JSON.parse(text) as string) : text
    const at = Number(stamp)
    const key = `${at} ${vantage}`
    if (name === BLIND_SINCE)
      marks.set(key, { vantage, at, since: Math.round(Number(value) * 1000) })
    else if (!marks.has(key))
      marks.set(key, { vantage, at, since: Number(value) === 1 ? at : null })
  }
  return [...marks.values()].sort((one, other) => one.at - other.at)
}

/** The stretches that were known before with what these marks say, oldest first. Marks that are read again change nothing. */
export function withMarks(before: Stretches, marks: readonly Mark[]): Stretches {
  if (before.size === 0 && marks.every(({ since }) => since === null)) return before
  const all = new Map([...before].map(([vantage, list]) => [vantage, [...list]]))
  for (const { vantage, at, since } of marks) {
    const list = all.get(vantage) ?? []
    if (since === null) {
      for (const [index, stretch] of list.entries()) list[index] = endedBy(stretch, at)
      continue
    }
    const index = list.findIndex(({ from }) => from === since)
    const known = list[index] ?? { from: since, to: null, markedAt: at }
    if (index < 0) list.push(known)
    else list[index] = confirmedBy(known, at)
    list.sort((one, other) => one.from - other.from)
    all.set(vantage, list)
  }
  return all
}

/** A mark that it sees, as one that was written before blindness was found out, ends it only where none follows that says otherwise. */
function endedBy(stretch: Stretch, at: number): Stretch {
  const isAfter = at > stretch.markedAt && (stretch.to === null || at < stretch.to)
  return isAfter ? { ...stretch, to: at } : stretch
}

function confirmedBy(stretch: Stretch, at: number): Stretch {
  if (at <= stretch.markedAt) return stretch
  const goesOn = stretch.to !== null && stretch.to <= at
  return { ...stretch, to: goesOn ? null : stretch.to, markedAt: at }
}

/** Whether what a vantage asked at `at` without an answer says nothing. */
export function isBlindAt(stretches: Stretches, vantage: string | undefined, at: number): boolean {
  if (vantage === undefined) return false
  const own = stretches.get(vantage)
  return own?.some(({ from, to }) => at >= from && (to === null || at < to)) ?? false
}

/** Whether any vantage was blind in [start, end]. */
export function isAnyBlindIn(
  stretches: Stretches,
  { start, end }: { start: number; end: number },
): boolean {
  for (const list of stretches.values())
    if (list.some(({ from, to }) => from <= end && (to === null || to > start))) return true
  return false
}
