import type { Alert } from '../alert.ts'
import type { LogEntry } from './log-entry.ts'
import type { NotifiedAlert, Notification, Reason, ToldAlert } from './notification.ts'
import { occurrence, occurrenceSet } from './occurrence.ts'

export type Terms = {
  readonly sendResolved: boolean
  readonly repeatMs: number
  /** Whether a told alert's new revision is told. */
  readonly updatesInPlace?: boolean
  /** The most alerts of one message; 0: all. */
  readonly maxAlerts?: number
  /** Told again at least this often, whoever holds what back. */
  readonly refreshMs?: number
  /** What is held back isn't told, told again or updated; once told, it is part of the group until it ends. */
  readonly isHeld?: (alert: Alert) => boolean
  /** What somebody works on isn't told again. */
  readonly isAcknowledged?: (alert: Alert) => boolean
}

/**
 * What the receiver has to be told now, or null. `current` holds the group's firing and recently resolved alerts.
 * Occurrences that were told and fire no more are resolved, and an alert that fires anew waits for the resolution of
 * its last occurrence: each problem is told once and ended once, in order.
 */
export function decide(
  entry: LogEntry,
  current: readonly Alert[],
  terms: Terms,
  at: number,
): Notification | null {
  const { over, lasting, fresh, tellable } = sorted(entry, current, terms)
  const { maxAlerts = 0 } = terms
  const resolved = terms.sendResolved ? resolutions(over, current, at) : []
  const reason = reasonOf({
    first: entry.told.length === 0,
    isNew:
      fresh.length > 0 &&
      isRoom(resolved, maxAlerts) &&
      (hasUncounted(entry, fresh) || isRoom(lasting, maxAlerts)),
    resolved: resolved.length,
    firing: tellable.length,
    revised: isRevised(entry, lasting, terms),
    repeats: isDue(entry, lasting, terms, at),
  })
  if (reason === null) return null
  const total = tellable.length + resolved.length
  const isCut = maxAlerts > 0 && total > maxAlerts
  // Where not all have room, what must get out goes first.
  const alerts = isCut
    ? [...resolved, ...[...fresh, ...lasting].map(firingAlert)].slice(0, maxAlerts)
    : [...tellable.map(firingAlert), ...resolved]
  return {
    groupKey: entry.groupKey,
    groupLabels: entry.groupLabels,
    routeLabels: entry.routeLabels,
    alerts,
    reason: isNamed(fresh, alerts) && !IS_NEWS.has(reason) ? 'new alerts added' : reason,
    at,
    truncatedAlerts: total - alerts.length,
  }
}

/** A repeated message that is cut names first what it counted before: that is no repetition. */
const IS_NEWS: ReadonlySet<Reason> = new Set([
  'first notification',
  'new alerts added',
  'some alerts resolved',
])

function isNamed(alerts: readonly Alert[], inMessage: readonly NotifiedAlert[]): boolean {
  const named = occurrenceSet(inMessage)
  return alerts.some((alert) => named.has(alert))
}

/** The occurrences that a cut message counts without naming them: they are no news until there is room for them. */
export function countedBy(
  { alerts, truncatedAlerts }: Notification,
  entry: LogEntry,
  current: readonly Alert[],
  terms: Terms,
): string[] {
  if (truncatedAlerts === 0) return []
  const named = occurrenceSet(alerts)
  const { fresh } = sorted(entry, current, terms)
  return fresh.filter((alert) => !named.has(alert)).map(occurrence)
}

type Sorted = {
  /** Told, and fire no more. */
  readonly over: readonly ToldAlert[]
  /** Told, and still fire. */
  readonly lasting: readonly Alert[]
  /** Fire and are to be told. */
  readonly fresh: readonly Alert[]
  /** Both, in the order of the evaluation. */
  readonly tellable: readonly Alert[]
}

function sorted(entry: LogEntry, current: readonly Alert[], { isHeld }: Terms): Sorted {
  const firing = current.filter((alert) => alert.state === 'firing')
  const firingNow = occurrenceSet(firing)
  const told = occurrenceSet(entry.told)
  const over = entry.told.filter((alert) => !firingNow.has(alert))
  const overKeys = new Set(over.map(({ key }) => key))
  const tellable = firing.filter(
    (alert) => told.has(alert) || (!overKeys.has(alert.key) && isHeld?.(alert) !== true),
  )
  return {
    over,
    lasting: tellable.filter((alert) => told.has(alert)),
    fresh: tellable.filter((alert) => !told.has(alert)),
    tellable,
  }
}

function hasUncounted({ counted }: LogEntry, fresh: readonly Alert[]): boolean {
  if (counted.length === 0) return true
  const known = new Set(counted)
  return fresh.some((alert) => !known.has(occurrence(alert)))
}

const isRoom = (before: readonly unknown[], maxAlerts: number): boolean =>
  maxAlerts === 0 || before.length < maxAlerts

function isRevised(
  { told }: LogEntry,
  lasting: readonly Alert[],
  { updatesInPlace = false, isHeld }: Terms,
): boolean {
  if (!updatesInPlace) return false
  const known = new Map(told.map((alert) => [occurrence(alert), alert.revision]))
  return lasting.some(
    (alert) => known.get(occurrence(alert)) !== alert.revision && isHeld?.(alert) !== true,
  )
}

/** The same message again: a lasting problem that nobody holds back or works on, or a receiver that forgets. */
function isDue(
  { toldAt }: LogEntry,
  lasting: readonly Alert[],
  { repeatMs, refreshMs = Infinity, isHeld, isAcknowledged }: Terms,
  at: number,
): boolean {
  if (lasting.length === 0 || toldAt === 0) return false
  if (at - toldAt >= refreshMs) return true
  if (at - toldAt < repeatMs) return false
  return lasting.some((alert) => isHeld?.(alert) !== true && isAcknowledged?.(alert) !== true)
}

function reasonOf(what: {
  first: boolean
  isNew: boolean
  resolved: number
  firing: number
  revised: boolean
  repeats: boolean
}): Reason | null {
  if (what.isNew) return what.first ? 'first notification' : 'new alerts added'
  if (what.resolved > 0) return what.firing > 0 ? 'some alerts resolved' : 'all alerts resolved'
  if (what.revised) return 'updated'
  return what.repeats ? 'repeat interval elapsed' : null
}

function firingAlert(alert: Alert): NotifiedAlert {
  const { key, groupId, ruleId, labels, annotations, value, activeAt, startsAt, revision } = alert
  return {
    key,
    groupId,
    ruleId,
    labels,
    annotations,
    value,
    activeAt,
    startsAt,
    revision,
    endsAt: 0,
  }
}

/** In the words that the receiver was told; ended when the alert did, if that is still known. */
function resolutions(
  over: readonly ToldAlert[],
  current: readonly Alert[],
  at: number,
): NotifiedAlert[] {
  const resolved = current.filter(({ state }) => state === 'resolved')
  const endsAt = new Map(resolved.map((alert) => [occurrence(alert), alert.resolvedAt]))
  return over.map((told) => {
    const { revisedAt: _, revisedTo: __, ...alert } = told
    // The collector's clock may be ahead of this one: nothing ends before it began.
    return { ...alert, endsAt: Math.max(endsAt.get(occurrence(told)) ?? at, told.startsAt) }
  })
}
