import type { Alert } from '../alert.ts'
import type { Tracked } from './alert-store.ts'
import { groupKey } from './group-key.ts'
import { type LogEntry, claimedKeys, emptyEntry } from './log-entry.ts'
import type { ToldAlert } from './notification.ts'
import type { Occurrence } from './occurrence.ts'
import { type Destination, groupLabelsOf } from './routing.ts'

/** One receiver's view of one alert group. */
export type Line = {
  readonly key: string
  entry: LogEntry
  /** Null: no route of the configuration leads here; the receiver was told under it before. */
  destination: Destination | null
  /** The firing alerts that routes bring here. */
  readonly members: Map<string, Tracked>
  /** What the receiver is presumed to have been told, without the log, and isn't decided yet. */
  readonly presumed: Map<string, ToldAlert>
  /** Whether a message is on its way. */
  isSending: boolean
  /** Nothing new is sent before this instant. */
  heldUntil: number
}

/**
 * The alert groups of one receiver. An alert that it was told of in one group is claimed by that: routes may bring it
 * to other groups too, or have changed since, but it is told once and ended where it was told.
 */
export type Lines = {
  all(): Iterable<Line>
  get(key: string): Line | undefined
  open(entry: LogEntry): Line
  close(line: Line): void
  setEntry(line: Line, entry: LogEntry): void
  /** Brings a firing alert to the groups of its destinations. */
  join(tracked: Tracked, destinations: readonly Destination[]): void
  leave(alert: Alert): void
  /** All groups that have to do with the alert. */
  concerning(key: string): ReadonlySet<Line>
  /** The groups that routes bring the alert to, in the order of the routes. */
  joined(key: string): readonly Line[]
  isClaimedElsewhere(key: string, line: Line): boolean
}

export function createLines(): Lines {
  const lines = new Map<string, Line>()
  const claims = new Map<string, Set<Line>>()
  const memberships = new Map<string, Line[]>()

  function claim(line: Line, key: string): void {
    const claiming = claims.get(key)
    if (claiming === undefined) claims.set(key, new Set([line]))
    else claiming.add(line)
  }

  function release(line: Line, key: string): void {
    const claiming = claims.get(key)
    claiming?.delete(line)
    if (claiming?.size === 0) claims.delete(key)
  }

  function open(entry: LogEntry): Line {
    const line: Line = {
      key: entry.groupKey,
      entry,
      destination: null,
      members: new Map(),
      presumed: new Map(),
      isSending: false,
      heldUntil: 0,
    }
    lines.set(line.key, line)
    for (const key of claimedKeys(entry)) claim(line, key)
    return line
  }

  function lineOf(alert: Alert, destination: Destination): Line {
    const labels = groupLabelsOf(alert.labels, destination.groupBy)
    const key = groupKey(labels, destination.routeKey)
    const line = lines.get(key) ?? open(emptyEntry(labels, key, destination.routeLabels))
    line.destination = destination
    return line
  }

  return {
    all: () => lines.values(),
    get: (key) => lines.get(key),
    open,
    close: (line) => void lines.delete(line.key),
    setEntry(line, entry) {
      const after = claimedKeys(entry)
      for (const key of claimedKeys(line.entry)) if (!after.has(key)) release(line, key)
      for (const key of after) claim(line, key)
      line.entry = entry
    },
    join(tracked, destinations) {
      const { alert } = tracked
      const joined = destinations.map((destination) => lineOf(alert, destination))
      for (const line of joined) line.members.set(alert.key, tracked)
      memberships.set(alert.key, joined)
    },
    leave({ key }) {
      for (const line of memberships.get(key) ?? []) line.members.delete(key)
      memberships.delete(key)
    },
    concerning: (key) => new Set([...(claims.get(key) ?? []), ...(memberships.get(key) ?? [])]),
    joined: (key) => memberships.get(key) ?? [],
    isClaimedElsewhere(key, line) {
      const claiming = claims.get(key)
      return claiming !== undefined && (claiming.size > 1 || !claiming.has(line))
    },
  }
}

/** Whether the receiver was told of this very occurrence in the group. */
export const isToldIn = ({ entry }: Line, alert: Occurrence): boolean =>
  entry.told.some(({ key, startsAt }) => key === alert.key && startsAt === alert.startsAt)
