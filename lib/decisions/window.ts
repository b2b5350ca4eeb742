import type { Matcher } from '../matchers.ts'
import { type Beginnings, readCron } from './cron.ts'

/** Planned work: what it matches isn't told while it lasts. Instants are Unix milliseconds. */
export type MaintenanceWindow = {
  readonly id: string
  readonly name: string
  readonly matchers: readonly Matcher[]
  readonly schedule: Schedule
  readonly createdBy: string
  readonly comment: string
  readonly updatedAt: number
}

export type Schedule =
  | { readonly kind: 'once'; readonly startsAt: number; readonly endsAt: number }
  | RecurringSchedule

/** Begins whenever `cron` says so on the clock of `timeZone`; `startsAt` and `endsAt` bound it. */
export type RecurringSchedule = {
  readonly kind: 'recurring'
  readonly cron: string
  /** As time passes, whatever the clock is set to meanwhile. */
  readonly durationMs: number
  readonly timeZone: string
  readonly startsAt?: number | undefined
  readonly endsAt?: number | undefined
}

/** From its beginning up to its end, which is no part of it. */
export type Span = { readonly from: number; readonly until: number }

/** When the window that is open at this instant began and will end, or null. Past instants are asked about too. */
export function windowAt(
  { schedule }: Pick<MaintenanceWindow, 'schedule'>,
  at: number,
): Span | null {
  if (schedule.kind === 'once') {
    const { startsAt: from, endsAt: until } = schedule
    return from <= at && at < until ? { from, until } : null
  }
  const from = lastBeginning(schedule, at)
  const span = from === null ? null : spanOf(schedule, from)
  return span !== null && at < span.until ? span : null
}

/** What begins or lasts between two instants, in order; at most `most`. */
export function spansBetween(
  window: Pick<MaintenanceWindow, 'schedule'>,
  { from, until }: Span,
  most = 1_000,
): Span[] {
  const { schedule } = window
  if (schedule.kind === 'once') {
    const isIn = schedule.startsAt < until && schedule.endsAt > from
    return isIn ? [{ from: schedule.startsAt, until: schedule.endsAt }] : []
  }
  const { next } = beginningsOf(schedule)
  const open = windowAt(window, from)
  const spans = open === null ? [] : [open]
  // Before its first bound there is nothing to walk through.
  let at: number | null = Math.max(from, (schedule.startsAt ?? from) - 1)
  while (spans.length < most) {
    at = next(at)
    if (at === null || at >= until || at >= (schedule.endsAt ?? Infinity)) break
    const span = spanOf(schedule, at)
    if (span !== null) spans.push(span)
  }
  return spans
}

function spanOf(schedule: RecurringSchedule, from: number): Span | null {
  const { startsAt = -Infinity, endsAt = Infinity, durationMs } = schedule
  if (from < startsAt || from >= endsAt) return null
  return { from, until: Math.min(from + durationMs, endsAt) }
}

// Asked for each alert in each evaluation: between two beginnings the answer is the same.
const kept = new WeakMap<RecurringSchedule, { beginnings: Beginnings; known: Known | null }>()
type Known = { readonly since: number; readonly last: number | null; readonly next: number }

function lastBeginning(schedule: RecurringSchedule, at: number): number | null {
  const beginnings = beginningsOf(schedule)
  const entry = kept.get(schedule)
  const known = entry?.known ?? null
  if (known !== null && known.since <= at && at < known.next) return known.last
  const last = beginnings.last(at)
  const next = beginnings.next(at) ?? Infinity
  if (entry !== undefined) entry.known = { since: last ?? at, last, next }
  return last
}

function beginningsOf(schedule: RecurringSchedule): Beginnings {
  let entry = kept.get(schedule)
  if (entry === undefined) {
    entry = { beginnings: readCron(schedule.cron, schedule.timeZone), known: null }
    kept.set(schedule, entry)
  }
  return entry.beginnings
}
