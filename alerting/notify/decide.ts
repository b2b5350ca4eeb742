import type { Labels } from '../../lib/labels.ts'
import type { Alert } from '../alert.ts'
import { groupKey } from './group-key.ts'
import type { NotifiedAlert, Notification, Reason, ToldAlert } from './notification.ts'

/** What the notification log holds about one receiver and one alert group. */
export type LogEntry = {
  readonly groupLabels: Labels
  /** The alerts that the receiver was told are firing: each is owed a resolution. */
  readonly told: readonly ToldAlert[]
  readonly toldAt: number
  /** A message that was begun and isn't known to have arrived: it is sent again as it is before anything else. */
  readonly pending: Notification | null
}

export const emptyEntry = (groupLabels: Labels): LogEntry => ({
  groupLabels,
  told: [],
  toldAt: 0,
  pending: null,
})

/** One occurrence of an alert: the same labels firing anew after a resolution are another one. */
const occurrence = ({ key, startsAt }: ToldAlert): string => `${startsAt} ${key}`

/**
 * What the receiver has to be told now, or null. `current` holds the group's firing and recently resolved alerts.
 * Occurrences that were told and fire no more are resolved, and an alert that fires anew waits for the resolution of
 * its last occurrence: each problem is told once and ended once, in order.
 */
export function decide(
  entry: LogEntry,
  current: readonly Alert[],
  { sendResolved, repeatMs }: { sendResolved: boolean; repeatMs: number },
  at: number,
): Notification | null {
  const firing = current.filter((alert) => alert.state === 'firing')
  const firingNow = new Set(firing.map(occurrence))
  const toldBefore = new Set(entry.told.map(occurrence))
  const over = entry.told.filter((alert) => !firingNow.has(occurrence(alert)))
  const overKeys = new Set(over.map(({ key }) => key))
  const tellable = firing.filter(
    (alert) => toldBefore.has(occurrence(alert)) || !overKeys.has(alert.key),
  )
  const isNew = tellable.some((alert) => !toldBefore.has(occurrence(alert)))

  const resolved = sendResolved ? over.map((alert) => resolve(alert, current, at)) : []
  const reason = reasonOf({
    first: entry.told.length === 0,
    isNew,
    resolved: resolved.length,
    firing: tellable.length,
    repeats: tellable.length > 0 && entry.toldAt > 0 && at - entry.toldAt >= repeatMs,
  })
  if (reason === null) return null
  const alerts = [...tellable.map(firingAlert), ...resolved]
  return {
    groupKey: groupKey(entry.groupLabels),
    groupLabels: entry.groupLabels,
    routeLabels: {},
    alerts,
    reason,
    at,
    truncatedAlerts: 0,
  }
}

/** The entry once the receiver has the notification. What it didn't speak of stays owed. */
export function accepted(entry: LogEntry, notification: Notification, at: number): LogEntry {
  const spokenOf = new Set(notification.alerts.map(occurrence))
  const told = [
    ...notification.alerts.filter(({ endsAt }) => endsAt === 0),
    ...entry.told.filter((alert) => !spokenOf.has(occurrence(alert))),
  ]
  return { groupLabels: entry.groupLabels, told, toldAt: at, pending: null }
}

function reasonOf(what: {
  first: boolean
  isNew: boolean
  resolved: number
  firing: number
  repeats: boolean
}): Reason | null {
  if (what.isNew) return what.first ? 'first notification' : 'new alerts added'
  if (what.resolved > 0) return what.firing > 0 ? 'some alerts resolved' : 'all alerts resolved'
  return what.repeats ? 'repeat interval elapsed' : null
}

function firingAlert({
  key,
  labels,
  annotations,
  value,
  activeAt,
  startsAt,
}: Alert): NotifiedAlert {
  return { key, labels, annotations, value, activeAt, startsAt, endsAt: 0 }
}

/** In the words that the receiver was told; ended when the alert did, if that is still known. */
function resolve(told: ToldAlert, current: readonly Alert[], at: number): NotifiedAlert {
  const known = current.find(
    (alert) => alert.state === 'resolved' && occurrence(alert) === occurrence(told),
  )
  return { ...told, endsAt: known?.resolvedAt ?? at }
}

/** For a receiver that wants no resolutions: what fires no more is simply no longer told. */
export function withoutResolved(entry: LogEntry, current: readonly Alert[]): LogEntry {
  const firing = new Set(current.filter(({ state }) => state === 'firing').map(occurrence))
  const told = entry.told.filter((alert) => firing.has(occurrence(alert)))
  return told.length === entry.told.length ? entry : { ...entry, told }
}

/** What this process told and what the log says was told before, as one: both are owed a resolution. */
export function merged(own: LogEntry, logged: LogEntry): LogEntry {
  const known = new Set(own.told.map(occurrence))
  return {
    ...own,
    told: [...own.told, ...logged.told.filter((alert) => !known.has(occurrence(alert)))],
    toldAt: Math.max(own.toldAt, logged.toldAt),
    pending: own.pending ?? logged.pending,
  }
}
