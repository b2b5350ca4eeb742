import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import type { Decided } from '../../lib/decisions/decided.ts'
import { type Span, spansBetween, windowAt } from '../../lib/decisions/window.ts'
import type { TimeIntervalConfig } from '../../lib/config/routing.ts'
import type { Labels } from '../../lib/labels.ts'
import { type Matcher, compileMatchers } from '../../lib/matchers.ts'
import { isWithin } from './time-interval.ts'

/** A silence or a maintenance window that is in force now. */
export type Cover = {
  /** The id of a silence, the name of a window. */
  readonly cause: string
  readonly until: number
  readonly matches: (labels: Labels) => boolean
}

/** What people decided and the calendar says, at one instant. */
export type InForce = {
  readonly silences: readonly Cover[]
  readonly windows: readonly Cover[]
  /** By fingerprint; empty most of the time. */
  readonly acknowledgements: ReadonlyMap<string, readonly Acknowledgement[]>
  /** Names of the time intervals that hold. */
  readonly intervals: ReadonlySet<string>
}

export type Calendar = {
  /** The same object for as long as the same is in force. */
  at(now: number): InForce
  /** Until when that can't change by itself. */
  nextAt(): number
}

const DAY = 86_400_000
const MINUTE = 60_000

export function createCalendar(
  decisions: () => Decided,
  timeIntervals: readonly TimeIntervalConfig[],
): Calendar {
  let decided: Decided | undefined
  let seenAt = 0
  let nextAt = -Infinity
  let signature = ''
  let inForce: InForce = {
    silences: [],
    windows: [],
    acknowledgements: new Map(),
    intervals: new Set(),
  }
  return {
    at(now) {
      const snapshot = decisions()
      if (snapshot === decided && seenAt <= now && now < nextAt) return inForce
      const next = inForceAt(snapshot, timeIntervals, now)
      const nextSignature = signatureOf(next)
      if (snapshot !== decided || nextSignature !== signature) inForce = next
      decided = snapshot
      signature = nextSignature
      seenAt = now
      nextAt = nextChange(snapshot, timeIntervals, now)
      return inForce
    },
    nextAt: () => nextAt,
  }
}

function inForceAt(
  { silences, windows, acknowledgements }: Decided,
  timeIntervals: readonly TimeIntervalConfig[],
  at: number,
): InForce {
  const byAlert = new Map<string, Acknowledgement[]>()
  for (const acknowledgement of acknowledgements) {
    const { id, expiresAt } = acknowledgement
    if (expiresAt !== null && expiresAt <= at) continue
    byAlert.set(id, [...(byAlert.get(id) ?? []), acknowledgement])
  }
  return {
    silences: silences
      .filter(({ startsAt, endsAt }) => startsAt <= at && at < endsAt)
      .map(({ id, endsAt, matchers }) => ({
        cause: id,
        until: endsAt,
        matches: compiled(matchers),
      })),
    windows: windows
      .map((window) => ({ window, span: windowAt(window, at) }))
      .filter(
        (open): open is { window: (typeof windows)[number]; span: Span } => open.span !== null,
      )
      .map(({ window, span }) => ({
        cause: window.name === '' ? window.id : window.name,
        until: span.until,
        matches: compiled(window.matchers),
      })),
    acknowledgements: byAlert,
    intervals: new Set(
      timeIntervals.filter((interval) => isWithin(interval, at)).map(({ name }) => name),
    ),
  }
}

const signatureOf = ({ silences, windows, acknowledgements, intervals }: InForce): string =>
  JSON.stringify([
    silences.map(({ cause }) => cause),
    windows.map(({ cause, until }) => [cause, until]),
    [...acknowledgements].map(([id, given]) => [id, given.map(({ at }) => at)]),
    [...intervals],
  ])

function nextChange(
  { silences, windows, acknowledgements }: Decided,
  timeIntervals: readonly TimeIntervalConfig[],
  at: number,
): number {
  const changes = [
    ...silences.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]),
    ...acknowledgements.map(({ expiresAt }) => expiresAt ?? Infinity),
    ...windows.flatMap((window) => {
      const [span] = spansBetween(window, { from: at, until: at + DAY }, 1)
      return span === undefined ? [at + DAY] : [span.from, span.until]
    }),
    timeIntervals.length > 0 ? (Math.floor(at / MINUTE) + 1) * MINUTE : Infinity,
  ]
  return changes.reduce(
    (first, change) => (change > at && change < first ? change : first),
    Infinity,
  )
}

const matching = new WeakMap<readonly Matcher[], (labels: Labels) => boolean>()

function compiled(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  let matches = matching.get(matchers)
  if (matches === undefined) matching.set(matchers, (matches = compileMatchers(matchers)))
  return matches
}
