import type { Alert } from '../alert.ts'
import type { AlertStore, Tracked } from './alert-store.ts'
import type { Terms } from './decide.ts'
import { type Line, type Lines, isToldIn } from './lines.ts'
import { stillFiring, wasEnded } from './log-entry.ts'
import type { Notification, Receiver, ToldAlert } from './notification.ts'
import type { Destination } from './routing.ts'
import { type Situation, acknowledgementOf, isHeld } from './stages.ts'

/** Between two messages of which the second only says that a told problem grew. */
const UPDATE_GAP_MS = 5_000

/** What there is to know of an alert group before anything is decided about it. */
export type LineState = {
  /** The group's alerts, without those that another group told of, or still has to end. */
  current(line: Line): Alert[]
  /** What was presumed and fires no more counts as told, unless the log knows of it: its end is owed. */
  settlePresumed(line: Line): void
  terms(line: Line, situation: Situation): Terms
  repeatMs(line: Line): number
  /** A first message waits for others of its group, and the next ones keep their distance. */
  earliest(line: Line, notification: Notification): number
  /** When a group that has nothing to tell may have something without a change of its alerts. */
  nextLook(line: Line, current: readonly Alert[], now: number): number
}

export function createLineState({
  receiver,
  store,
  lines,
  mistakenUntil,
}: {
  receiver: Receiver
  store: AlertStore
  lines: Lines
  /** Until then what was told to have ended may be taken for firing, as the process before didn't get to write it. */
  mistakenUntil: () => number
}): LineState {
  function current(line: Line): Alert[] {
    const known = new Map<string, Alert>()
    for (const { alert } of line.members.values())
      if (!lines.isClaimedElsewhere(alert.key, line) || isToldIn(line, alert))
        known.set(alert.key, alert)
    for (const told of line.entry.told) {
      const tracked = store.get(told.key)
      // Until its rules were evaluated, what was told counts as firing, whatever was told elsewhere.
      if (tracked?.isEvaluated === false) known.set(told.key, stillFiring(told))
      else if (tracked !== undefined) known.set(told.key, tracked.alert)
    }
    return [...known.values()]
  }

  function settlePresumed(line: Line): void {
    for (const told of line.presumed.values()) {
      const { entry } = line
      const isKnown =
        isToldIn(line, told) ||
        wasEnded(entry, stillFiring(told)) ||
        lines.isClaimedElsewhere(told.key, line)
      const tracked = store.get(told.key)
      if (!isKnown && tracked !== undefined && mayStillFire(tracked, told)) continue
      line.presumed.delete(told.key)
      if (!isKnown) lines.setEntry(line, { ...entry, told: [...entry.told, told] })
    }
  }

  function terms(line: Line, situation: Situation): Terms {
    const destinationOf = (key: string): Destination | null | undefined =>
      line.members.has(key) ? line.destination : lines.joined(key)[0]?.destination
    return {
      sendResolved: receiver.sendResolved,
      repeatMs: repeatMs(line),
      updatesInPlace: receiver.updatesInPlace,
      maxAlerts: receiver.maxAlerts,
      ...(receiver.refreshMs === undefined ? {} : { refreshMs: receiver.refreshMs }),
      isHeld(alert) {
        const { key } = alert
        if (situation.at < mistakenUntil() && wasEnded(line.entry, alert)) return true
        const tracked = store.get(key)
        const destination = destinationOf(key)
        if (tracked === undefined || !tracked.isEvaluated) return true
        // Routes bring it to this receiver no more: nothing but its end is told.
        return destination === null || destination === undefined
          ? true
          : isHeld(tracked, destination, situation)
      },
      isAcknowledged({ key }) {
        const tracked = store.get(key)
        return tracked !== undefined && acknowledgementOf(tracked, situation) !== null
      },
    }
  }

  const repeatMs = ({ destination }: Line): number => destination?.repeatMs ?? receiver.repeatMs

  function earliest(line: Line, { reason, alerts }: Notification): number {
    const { entry, destination } = line
    if (reason === 'updated')
      return entry.toldAt + Math.max(destination?.groupIntervalMs ?? 0, UPDATE_GAP_MS)
    if (entry.told.length > 0) return entry.toldAt + (destination?.groupIntervalMs ?? 0)
    const seenAt = alerts.map(({ key, startsAt }) => store.get(key)?.seenAt ?? startsAt)
    return (
      seenAt.reduce((first, at) => Math.min(first, at), Infinity) + (destination?.groupWaitMs ?? 0)
    )
  }

  function nextLook(line: Line, current: readonly Alert[], now: number): number {
    const { entry, destination } = line
    const looks: number[] = entry.ended.length > 0 ? [mistakenUntil()] : []
    if (entry.told.length > 0) {
      looks.push(entry.toldAt + repeatMs(line))
      if (receiver.refreshMs !== undefined) looks.push(entry.toldAt + receiver.refreshMs)
    }
    const after = destination?.escalateAfterMs ?? null
    if (after !== null) looks.push(...current.map(({ startsAt }) => startsAt + after))
    return looks.reduce((next, at) => (at > now && at < next ? at : next), Infinity)
  }

  return { current, settlePresumed, terms, repeatMs, earliest, nextLook }
}

const mayStillFire = ({ alert, isEvaluated }: Tracked, { startsAt }: ToldAlert): boolean =>
  !isEvaluated || (alert.state === 'firing' && alert.startsAt === startsAt)
