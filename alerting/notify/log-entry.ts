import type { Labels } from '../../lib/labels.ts'
import { type Alert, sameSecond } from '../alert.ts'
import { groupKey } from './group-key.ts'
import type { NotifiedAlert, Notification, ToldAlert } from './notification.ts'
import { type Occurrence, occurrence, occurrenceSet } from './occurrence.ts'

/** What the notification log holds about one receiver and one alert group. */
export type LogEntry = {
  readonly groupKey: string
  readonly groupLabels: Labels
  readonly routeLabels: Labels
  /** The alerts that the receiver was told are firing: each is owed a resolution. */
  readonly told: readonly ToldAlert[]
  readonly toldAt: number
  /** A message that was begun and isn't known to have arrived: it is sent again as it is before anything else. */
  readonly pending: Notification | null
  /** Occurrences that the last message counted without naming them, and those that the pending one does. */
  readonly counted: readonly string[]
  readonly counting: readonly string[]
  /** What the receiver gave back for the group's last message. */
  readonly reference: string | null
  /** Occurrences that it was told the end of just now. */
  readonly ended: readonly Ended[]
}

export type Ended = Occurrence & { readonly at: number }

/** What is told is stored by then: a process that died before may take what it ended for firing. */
const ENDED_MS = 60_000

export const emptyEntry = (
  groupLabels: Labels,
  key: string = groupKey(groupLabels),
  routeLabels: Labels = {},
): LogEntry => ({
  groupKey: key,
  groupLabels,
  routeLabels,
  told: [],
  toldAt: 0,
  pending: null,
  counted: [],
  counting: [],
  reference: null,
  ended: [],
})

/** The entry once the receiver has the notification. What it didn't speak of stays owed. */
export function accepted(
  entry: LogEntry,
  notification: Notification,
  at: number,
  reference: string | null = entry.reference,
): LogEntry {
  const spokenOf = occurrenceSet(notification.alerts)
  const before = new Map(entry.told.map((alert) => [occurrence(alert), alert]))
  const told = [
    ...notification.alerts
      .filter(({ endsAt }) => endsAt === 0)
      .map((alert) => toldAlert(alert, before.get(occurrence(alert)))),
    ...entry.told.filter((alert) => !spokenOf.has(alert)),
  ]
  const isOver = told.length === 0
  const over = notification.alerts.filter(({ endsAt }) => endsAt > 0)
  return {
    ...entry,
    told,
    ended: withEnded(entry, over, at),
    toldAt: at,
    pending: null,
    counted: entry.counting,
    counting: [],
    reference: isOver ? null : reference,
  }
}

function withEnded({ ended }: LogEntry, over: readonly Occurrence[], at: number): Ended[] {
  const lately = ended.filter((one) => at - one.at < ENDED_MS)
  return [...lately, ...over.map(({ key, startsAt }) => ({ key, startsAt, at }))]
}

/** Whether an alert is one that was ended: what an earlier process left is known to the second. */
export const wasEnded = ({ ended }: LogEntry, { key, startsAt, restored }: Alert): boolean =>
  ended.some(
    (one) =>
      one.key === key &&
      (one.startsAt === startsAt || (restored === true && sameSecond(one.startsAt, startsAt))),
  )

function toldAlert(notified: NotifiedAlert, before: ToldAlert | undefined): ToldAlert {
  const { endsAt: _, ...alert } = notified
  if (before?.revisedTo === undefined) return { ...alert, revisedAt: 0 }
  return { ...alert, revisedAt: before.revisedAt, revisedTo: before.revisedTo }
}

/** The alerts that are owed a resolution if the pending message arrived. */
export const pendingAlerts = ({ pending }: LogEntry): ToldAlert[] =>
  (pending?.alerts ?? [])
    .filter(({ endsAt }) => endsAt === 0)
    .map((alert) => toldAlert(alert, undefined))

export function stillFiring(told: ToldAlert): Alert {
  const { revisedAt: _, revisedTo: __, ...alert } = told
  return { ...alert, state: 'firing', resolvedAt: 0, keepFiringSince: null }
}

/** For a receiver that wants no resolutions: what fires no more is simply no longer told. */
export function withoutResolved(entry: LogEntry, current: readonly Alert[], at: number): LogEntry {
  const firing = occurrenceSet(current.filter(({ state }) => state === 'firing'))
  const told = entry.told.filter((alert) => firing.has(alert))
  if (told.length === entry.told.length) return entry
  const over = entry.told.filter((alert) => !firing.has(alert))
  const ended = withEnded(entry, over, at)
  return { ...entry, told, ended, reference: told.length === 0 ? null : entry.reference }
}

/** The entry with a told alert's revision seen to change at `at`. */
export function revised(entry: LogEntry, { key, revision }: Alert, at: number): LogEntry {
  const told = entry.told.map((alert) =>
    alert.key === key ? { ...alert, revisedAt: at, revisedTo: revision } : alert,
  )
  return { ...entry, told }
}

/** What this process told and what the log says was told before, as one: both are owed a resolution. */
export function merged(own: LogEntry, logged: LogEntry): LogEntry {
  const known = occurrenceSet([...own.told, ...own.ended])
  return {
    ...own,
    told: [...own.told, ...logged.told.filter((alert) => !known.has(alert))],
    toldAt: Math.max(own.toldAt, logged.toldAt),
    pending: own.pending ?? logged.pending,
    counting: own.pending === null ? logged.counting : own.counting,
    reference: own.reference ?? logged.reference,
    ended: [...own.ended, ...logged.ended],
  }
}

/** The keys of all alerts that the receiver was told of, or may have been. */
export function claimedKeys({ told, pending }: LogEntry): Set<string> {
  const keys = new Set(told.map(({ key }) => key))
  for (const { key } of pending?.alerts ?? []) keys.add(key)
  return keys
}

/** An entry as Redis gives it back; one of an earlier version lacks some of its parts. */
export function parseEntry(text: string, key: string): LogEntry {
  const entry = JSON.parse(text) as Partial<LogEntry> & Pick<LogEntry, 'groupLabels'>
  const nameless = { groupId: '', ruleId: '', revision: '' }
  return {
    ...emptyEntry(entry.groupLabels, key),
    ...entry,
    told: (entry.told ?? []).map((alert) => ({
      ...nameless,
      ...alert,
      revisedAt: alert.revisedAt ?? 0,
    })),
    pending:
      entry.pending === null || entry.pending === undefined
        ? null
        : {
            ...entry.pending,
            groupKey: entry.pending.groupKey ?? key,
            routeLabels: entry.pending.routeLabels ?? {},
            truncatedAlerts: entry.pending.truncatedAlerts ?? 0,
            alerts: entry.pending.alerts.map((alert) => ({ ...nameless, ...alert })),
          },
  }
}
