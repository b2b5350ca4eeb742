import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Alert } from '../alert.ts'
import type { AlertStore, Change } from './alert-store.ts'
import { countedBy, decide } from './decide.ts'
import { createDueList } from './due-list.ts'
import { idempotencyKey } from './idempotency-key.ts'
import { createLineState } from './line-state.ts'
import { type Line, createLines, isToldIn } from './lines.ts'
import {
  type LogEntry,
  accepted,
  merged,
  pendingAlerts,
  revised,
  withoutResolved,
} from './log-entry.ts'
import type { NotificationLog } from './log.ts'
import type { Notification, Receiver, ToldAlert } from './notification.ts'
import { occurrenceSet } from './occurrence.ts'
import type { Destination } from './routing.ts'
import { type Attempt, type Job, type Outcome, createSender } from './sender.ts'
import type { Situation } from './stages.ts'

/** What a receiver refused is decided anew after this: a proxy that answers 404 for a minute must swallow no outage. */
const REFUSED_MS = 300_000
/** While the log can't be read, telling waits this long for it, and then tells at the risk of telling again. */
const LOG_WAIT_MS = 10_000
const LOG_RETRY_MS = 5_000
/** By then samples and rules have said again what is over; what still fires fires. */
const MISTAKEN_MS = 60_000

/** All that one receiver is told. */
export type Lane = {
  readonly receiver: Receiver
  lines(): Iterable<Line>
  /** The groups that routes bring the alert to. */
  joined(key: string): readonly Line[]
  /** Reads the log: what was told by an earlier process, and is owed a resolution. */
  load(): Promise<readonly ToldAlert[]>
  /** The log may not know that the receiver was told. */
  presume(told: ToldAlert): void
  /** An evaluation changed an alert; nothing is told before `pump`. */
  take(change: Change, destinations: readonly Destination[]): void
  /** Something else may have changed whether the alert is told. */
  touch(key: string): void
  touchAll(): void
  /** Tells what the touched groups and those that are due have to tell. */
  pump(situation: Situation): void
  /** What an evaluation does besides: nothing that Redis missed stays missed. */
  tidy(): void
  nextAt(): number
  /** The clock was set back: nothing was told after `at`, and nothing waits for an instant of before. */
  obeyClock(at: number): void
}

export type LaneDeps = {
  readonly receiver: Receiver
  readonly store: AlertStore
  readonly notificationLog: NotificationLog
  readonly signal: AbortSignal
  readonly situation: () => Situation
  readonly attempted: (job: Job, attempt: Attempt) => void
  /** An occurrence was told for the first time. */
  readonly delivered: (alert: ToldAlert, at: number) => void
  /** What the log held, once it could be read. */
  readonly restored: (told: readonly ToldAlert[]) => void
  readonly keep: (work: Promise<void>) => void
  readonly wake: () => void
  readonly log: Logger
  readonly clock: Clock
}

export function createLane(deps: LaneDeps): Lane {
  const { receiver, store, notificationLog, signal, keep, wake, log, clock } = deps
  const lines = createLines()
  const mistakenUntil = (): number => startedAt + MISTAKEN_MS
  const group = createLineState({ receiver, store, lines, mistakenUntil })
  const touched = new Set<Line>()
  const due = createDueList<Line>()
  /** Those whose entry the log doesn't have as it is here. */
  const unsaved = new Set<Line>()
  const sender = createSender({
    receiver,
    signal,
    attempted: deps.attempted,
    keep,
    wake,
    log,
    clock,
  })
  let startedAt = clock.now()
  let isLoaded = false
  let loadAgainAt = 0

  function pumpLine(line: Line, situation: Situation): void {
    if (line.isSending || signal.aborted) return
    const now = situation.at
    const waitsUntil = isLoaded ? line.heldUntil : startedAt + LOG_WAIT_MS
    if (now < waitsUntil) return due.set(line, waitsUntil)
    group.settlePresumed(line)
    const current = group.current(line)
    if (!receiver.sendResolved) dropResolved(line, current)
    if (line.entry.pending !== null) return begin(line, line.entry.pending, false)
    const terms = group.terms(line, situation)
    const notification = decide(line.entry, current, terms, now)
    if (notification === null) {
      due.set(line, group.nextLook(line, current, now))
      return closeIfDone(line)
    }
    const sendAt = group.earliest(line, notification)
    if (now < sendAt) return due.set(line, sendAt)
    const counting = countedBy(notification, line.entry, current, terms)
    lines.setEntry(line, { ...line.entry, pending: notification, counting })
    begin(line, notification, true)
  }

  function dropResolved(line: Line, current: readonly Alert[]): void {
    const entry = withoutResolved(line.entry, current, clock.now())
    if (entry === line.entry) return
    update(line, entry)
    keep(save(line))
  }

  /** Changes an entry; groups that waited for one of its alerts are looked at again. */
  function update(line: Line, entry: LogEntry): void {
    const before = line.entry
    lines.setEntry(line, entry)
    const alerts = [...before.told, ...(before.pending?.alerts ?? [])]
    for (const { key } of alerts)
      for (const other of lines.joined(key)) if (other !== line) touched.add(other)
  }

  /** `isNew`: the log doesn't have it yet. */
  function begin(line: Line, notification: Notification, isNew: boolean): void {
    line.isSending = true
    const job: Job = {
      notification,
      idempotencyKey: idempotencyKey(receiver.name, notification),
      reference: line.entry.reference,
      end: (outcome) => end(line, notification, outcome),
      tries: 0,
      isDoubtful: false,
    }
    if (!isNew) return sender.send(job)
    keep(save(line).then(() => sender.send(job)))
  }

  function end(line: Line, notification: Notification, outcome: Outcome): void {
    const now = clock.now()
    const { entry } = line
    if (outcome.taken) {
      const next = accepted(entry, notification, now, outcome.reference ?? entry.reference)
      if (outcome.isSure) reportDeliveries(entry, next, notification, now)
      update(line, next)
    } else {
      update(line, { ...entry, pending: null, counting: [] })
      line.heldUntil = now + REFUSED_MS
    }
    keep(
      save(line).then(() => {
        line.isSending = false
        touched.add(line)
        pump(deps.situation()) // what changed while it was under way
        wake()
      }),
    )
  }

  function reportDeliveries(
    before: LogEntry,
    after: LogEntry,
    { alerts }: Notification,
    at: number,
  ): void {
    const known = occurrenceSet(before.told)
    const named = new Set(alerts.map(({ key }) => key))
    for (const alert of after.told)
      if (named.has(alert.key) && !known.has(alert)) deps.delivered(alert, at)
  }

  async function save(line: Line): Promise<void> {
    const { entry } = line
    unsaved.add(line)
    if (!isLoaded) return // what the log holds isn't known yet, and would be overwritten
    const saved = await notificationLog.save(
      receiver.name,
      line.key,
      entry,
      2 * group.repeatMs(line),
    )
    if (saved && line.entry === entry) unsaved.delete(line)
  }

  function closeIfDone(line: Line): void {
    const { entry, members, presumed } = line
    if (
      members.size > 0 ||
      presumed.size > 0 ||
      entry.told.length > 0 ||
      entry.pending !== null ||
      unsaved.has(line)
    )
      return
    if (entry.ended.length > 0 && clock.now() < mistakenUntil()) return
    due.set(line, Infinity)
    lines.close(line)
  }

  async function load(): Promise<readonly ToldAlert[]> {
    loadAgainAt = clock.now() + LOG_RETRY_MS
    const entries = await notificationLog.load(receiver.name)
    if (isLoaded) return []
    const told: ToldAlert[] = []
    for (const [key, entry] of entries) {
      const line = lines.get(key)
      if (line === undefined) lines.open(entry)
      else lines.setEntry(line, merged(line.entry, entry))
      told.push(...entry.told, ...pendingAlerts(entry))
    }
    isLoaded = true
    deps.restored(told)
    for (const line of lines.all())
      if (line.entry.pending !== null || line.entry.ended.length > 0) touched.add(line)
    return told
  }

  function pump(situation: Situation): void {
    for (let line = due.take(situation.at); line !== undefined; line = due.take(situation.at))
      touched.add(line)
    // Ends of claims touch further groups.
    for (const line of touched) {
      touched.delete(line)
      pumpLine(line, situation)
    }
    sender.turn()
  }

  function touch(key: string): void {
    for (const line of lines.concerning(key)) touched.add(line)
  }

  return {
    receiver,
    lines: lines.all,
    joined: lines.joined,
    load,
    presume: (told) => void lines.joined(told.key)[0]?.presumed.set(told.key, told),
    take({ tracked, kind }, destinations) {
      const { alert } = tracked
      touch(alert.key)
      if (kind === 'ended') lines.leave(alert)
      if (kind === 'began') {
        lines.join(
          tracked,
          destinations.filter((destination) => destination.receiver === receiver.name),
        )
        touch(alert.key)
      }
      if (kind !== 'revised') return
      for (const line of lines.concerning(alert.key)) {
        if (!isToldIn(line, alert)) continue
        lines.setEntry(line, revised(line.entry, alert, tracked.revisedAt))
        keep(save(line))
      }
    },
    touch,
    touchAll() {
      for (const line of lines.all()) touched.add(line)
    },
    pump,
    tidy() {
      const now = clock.now()
      if (!isLoaded && now >= loadAgainAt)
        keep(
          load().then(
            () => {
              for (const line of lines.all()) touched.add(line)
              pump(deps.situation())
            },
            () => {},
          ),
        )
      if (!isLoaded) return
      for (const line of unsaved) if (!line.isSending) keep(save(line))
    },
    nextAt: () => Math.min(due.next(), sender.nextAt()),
    obeyClock(at) {
      startedAt = Math.min(startedAt, at)
      loadAgainAt = Math.min(loadAgainAt, at)
      for (const line of lines.all()) {
        const { entry } = line
        if (entry.toldAt > at) lines.setEntry(line, { ...entry, toldAt: at })
        line.heldUntil = Math.min(line.heldUntil, at + REFUSED_MS)
        touched.add(line)
      }
      sender.obeyClock(at)
    },
  }
}
