import type { Alert } from '../alert.ts'
import type { LogEntry } from './log-entry.ts'
import type { NotifiedAlert, Notification, Reason, ToldAlert } from './notification.ts'
import { occurrence } from './occurrence.ts'

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
  const { over, lasting, fresh } = sorted(entry, current, terms)
  const { maxAlerts = 0 } = terms
  const resolved = terms.sendResolved ? resolutions(over, current, at) : []
  const reason = reasonOf({
    first: entry.told.length === 0,
    isNew: fresh.length > 0 && (hasUncounted(entry, fresh) || isRoom(lasting, maxAlerts)),
    resolved: resolved.length,
    firing: lasting.length + fresh.length,
    revised: isRevised(entry, lasting, terms),
    repeats: isDue(entry, lasting, terms, at),
  })
  if (reason === null) return null
  // What must get out first, where not all have room.
  const listed = [...resolved, ...[...fresh, ...lasting].map(firingAlert)]
  const alerts = inOrder(maxAlerts > 0 ? listed.slice(0, maxAlerts) : listed, current)
  return {
    groupKey: entry.groupKey,
    groupLabels: entry.groupLabels,
    routeLabels: entry.routeLabels,
    alerts,
    reason,
    at,
    truncatedAlerts: listed.length - alerts.length,
  }
}

/** The occurrences that a cut message counts without naming them: they are no news until there is room for them. */
export function countedBy(
  { alerts, truncatedAlerts }: Notification,
  entry: LogEntry,
  current: readonly Alert[],
  terms: Terms,
): string[] {
  if (truncatedAlerts === 0) return []
  const named = new Set(alerts.map(occurrence))
  const { fresh } = sorted(entry, current, terms)
  return fresh.map(occurrence).filter((one) => !named.has(one))
}

type Sorted = {
  /** Told, and fire no more. */
  readonly over: readonly ToldAlert[]
  /** Told, and still fire. */
  readonly lasting: readonly Alert[]
  /** Fire and are to be told. */
  readonly fresh: readonly Alert[]
}

function sorted(entry: LogEntry, current: readonly Alert[], { isHeld }: Terms): Sorted {
  const firing = current.filter((alert) => alert.state === 'firing')
  const firingNow = new Set(firing.map(occurrence))
  const told = new Set(entry.told.map(occurrence))
  const over = entry.told.filter((alert) => !firingNow.has(occurrence(alert)))
  const overKeys = new Set(over.map(({ key }) => key))
  const lasting: Alert[] = []
  const fresh: Alert[] = []
  for (const alert of firing) {
    if (told.has(occurrence(alert))) lasting.push(alert)
    else if (!overKeys.has(alert.key) && isHeld?.(alert) !== true) fresh.push(alert)
  }
  return { over, lasting, fresh }
}

function hasUncounted({ counted }: LogEntry, fresh: readonly Alert[]): boolean {
  if (counted.length === 0) return true
  const known = new Set(counted)
  return fresh.some((alert) => !known.has(occurrence(alert)))
}

const isRoom = (lasting: readonly Alert[], maxAlerts: number): boolean =>
  maxAlerts === 0 || lasting.length < maxAlerts

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

/** Firing ones first, each where the evaluation has it. */
function inOrder(alerts: readonly NotifiedAlert[], current: readonly Alert[]): NotifiedAlert[] {
  const place = new Map(current.map((alert, index) => [occurrence(alert), index]))
  const placeOf = (alert: NotifiedAlert): number =>
    alert.endsAt === 0 ? (place.get(occurrence(alert)) ?? 0) : current.length
  return alerts.toSorted((one, other) => placeOf(one) - placeOf(other))
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
    return { ...alert, endsAt: endsAt.get(occurrence(told)) ?? at }
  })
}
