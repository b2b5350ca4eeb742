import { createHash } from 'node:crypto'
import pLimit from 'p-limit'
import type { Clock } from '../../lib/clock.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Logger } from '../../lib/log.ts'
import type { Alert } from '../alert.ts'
import { type LogEntry, accepted, decide, emptyEntry, merged, withoutResolved } from './decide.ts'
import type { NotificationLog } from './log.ts'
import { groupKey } from './group-key.ts'
import type { Notification, Receiver, ToldAlert } from './notification.ts'
import { NotifyError } from './notify-error.ts'

export type NotifierMeter = {
  sent(receiver: string, outcome: 'accepted' | 'failed' | 'given_up'): void
}

/** Tells receivers what changed, in the background: an evaluation never waits for a receiver. */
export type Notifier = AsyncDisposable & {
  /** Loads what was told by an earlier process: alerts that are owed a resolution. Rejects when Redis is away; it is read later then. */
  restore(): Promise<readonly ToldAlert[]>
  /** The alerts of a rule group after an evaluation: pending, firing and recently resolved ones. */
  update(ruleGroup: string, alerts: readonly Alert[]): void
}

/** Messages under way to one receiver. */
const AT_ONCE = 8
const BACKOFF_MS = { first: 1_000, most: 60_000 }
/** What a receiver refused is decided anew after this: a proxy that answers 404 for a minute must swallow no outage. */
const REFUSED_MS = 300_000
/** While the log can't be read, telling waits this long for it, and then tells at the risk of telling again. */
const LOG_WAIT_MS = 10_000
const LOG_RETRY_MS = 5_000

/** One receiver's view of one alert group. */
type Line = {
  entry: LogEntry
  readonly alerts: Map<string, Alert>
  sending: boolean
  /** Whether the log doesn't have the entry as it is here. */
  unsaved: boolean
  /** Nothing is sent before this instant. */
  heldUntil: number
}

const newLine = (entry: LogEntry, alerts: Map<string, Alert> = new Map()): Line => ({
  entry,
  alerts,
  sending: false,
  unsaved: false,
  heldUntil: 0,
})

export function createNotifier({
  receivers,
  notificationLog,
  meter,
  log,
  clock,
}: {
  receivers: readonly Receiver[]
  notificationLog: NotificationLog
  meter: NotifierMeter
  log: Logger
  clock: Clock
}): Notifier {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const lanes = receivers.map((receiver) => createLane(receiver))

  function createLane(receiver: Receiver): {
    receiver: Receiver
    restore(): Promise<readonly ToldAlert[]>
    update(ruleGroup: string, alerts: readonly Alert[]): void
  } {
    const limit = pLimit(AT_ONCE)
    const lines = new Map<string, Line>()
    const startedAt = clock.now()
    let loaded = false
    let loadAgainAt = 0

    function lineOf(groupLabels: Labels): Line {
      const key = groupKey(groupLabels)
      let line = lines.get(key)
      if (line === undefined) {
        line = newLine(emptyEntry(groupLabels))
        lines.set(key, line)
      }
      return line
    }

    function pump(line: Line): void {
      if (line.sending || stopping.signal.aborted) return
      if (clock.now() < (loaded ? line.heldUntil : startedAt + LOG_WAIT_MS)) return
      const current = [...line.alerts.values()]
      if (!receiver.sendResolved) dropResolved(line, current)
      const notification = line.entry.pending ?? decide(line.entry, current, receiver, clock.now())
      if (notification === null) {
        forgetIfDone(line)
        return
      }
      line.sending = true
      const sending = deliver(line, notification).then(
        () => {
          line.sending = false
          pump(line) // what changed while it was under way
        },
        (error: unknown) => {
          line.sending = false // the next evaluation tries again
          if (!stopping.signal.aborted)
            log.error({ err: error, receiver: receiver.name }, 'notification failed')
        },
      )
      keep(sending)
    }

    function dropResolved(line: Line, current: readonly Alert[]): void {
      const entry = withoutResolved(line.entry, current)
      if (entry === line.entry) return
      line.entry = entry
      keep(save(line))
    }

    async function save(line: Line): Promise<void> {
      const { entry } = line
      line.unsaved = true
      if (!loaded) return // what the log holds isn't known yet, and would be overwritten
      const key = groupKey(entry.groupLabels)
      const saved = await notificationLog.save(receiver.name, key, entry, 2 * receiver.repeatMs)
      if (saved && line.entry === entry) line.unsaved = false
    }

    function keep(work: Promise<void>): void {
      const kept = work.finally(() => running.delete(kept))
      running.add(kept)
    }

    async function deliver(line: Line, notification: Notification): Promise<void> {
      line.entry = { ...line.entry, pending: notification }
      await save(line)
      if (await tryUntilTaken(receiver, notification)) {
        line.entry = accepted(line.entry, notification, clock.now())
      } else {
        line.entry = { ...line.entry, pending: null }
        line.heldUntil = clock.now() + REFUSED_MS
      }
      await save(line)
    }

    /** True once the receiver has it, false when it is given up. */
    async function tryUntilTaken(to: Receiver, notification: Notification): Promise<boolean> {
      const idempotencyKey = keyOf(to.name, notification)
      let backoffMs = BACKOFF_MS.first
      for (;;) {
        try {
          await limit(() =>
            to.notify(notification, { idempotencyKey, reference: null, signal: stopping.signal }),
          )
          meter.sent(to.name, 'accepted')
          return true
        } catch (error) {
          if (!(error instanceof NotifyError)) throw error
          const expired = clock.now() - notification.at > to.retryForMs
          const what = {
            receiver: to.name,
            reason: error.message,
            group: groupKey(notification.groupLabels),
          }
          if (!error.retryable || expired) {
            meter.sent(to.name, 'given_up')
            log.error(
              what,
              expired
                ? 'receiver took no notification for too long: given up'
                : 'receiver refused a notification: what is to be told is looked at again in 5 minutes',
            )
            return false
          }
          meter.sent(to.name, 'failed')
          if (backoffMs === BACKOFF_MS.first)
            log.warn(what, 'receiver took no notification: trying again')
        }
        const jittered = backoffMs * (0.75 + Math.random() / 2)
        await clock.sleepUntil(clock.now() + jittered, stopping.signal)
        backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most)
      }
    }

    function forgetIfDone(line: Line): void {
      for (const [key, alert] of line.alerts)
        if (alert.state === 'resolved') line.alerts.delete(key)
      if (line.alerts.size === 0 && line.entry.told.length === 0 && !line.unsaved)
        lines.delete(groupKey(line.entry.groupLabels))
    }

    async function load(): Promise<readonly ToldAlert[]> {
      loadAgainAt = clock.now() + LOG_RETRY_MS
      const entries = await notificationLog.load(receiver.name)
      if (loaded) return []
      for (const [key, entry] of entries) {
        const line = lines.get(key)
        // Until its rule group was evaluated, what was told counts as firing still.
        const alerts = new Map(entry.told.map((told) => [told.key, stillFiring(told)]))
        if (line === undefined) lines.set(key, newLine(entry, alerts))
        else line.entry = merged(line.entry, entry)
      }
      loaded = true
      return [...entries.values()].flatMap(({ told, pending }) => [
        ...told,
        ...(pending?.alerts ?? []).filter(({ endsAt }) => endsAt === 0),
      ])
    }

    function pumpAll(): void {
      for (const line of lines.values()) pump(line)
    }

    /** What an evaluation does besides: nothing that Redis missed stays missed. */
    function tidy(): void {
      if (!loaded && clock.now() >= loadAgainAt) keep(load().then(pumpAll, () => {}))
      if (!loaded) return
      for (const line of lines.values()) if (line.unsaved && !line.sending) keep(save(line))
    }

    return {
      receiver,
      restore: load,
      update(ruleGroup, alerts) {
        tidy()
        const touched = new Set<Line>()
        for (const alert of alerts) {
          if (alert.state === 'pending') continue
          const labels = pick(alert.labels, receiver.groupBy)
          if (alert.state === 'resolved' && !lines.has(groupKey(labels))) continue
          const line = lineOf(labels)
          line.alerts.set(alert.key, alert)
          touched.add(line)
        }
        const present = new Set(
          alerts.filter(({ state }) => state !== 'pending').map(({ key }) => key),
        )
        for (const line of lines.values()) {
          for (const [key, alert] of line.alerts) {
            if (alert.labels['alertgroup'] !== ruleGroup || present.has(key)) continue
            line.alerts.delete(key)
            touched.add(line)
          }
          const owed = line.entry.told.some(({ labels }) => labels['alertgroup'] === ruleGroup)
          if (owed || line.entry.pending !== null) touched.add(line)
        }
        for (const line of touched) pump(line)
      },
    }
  }

  return {
    async restore() {
      const told = await Promise.all(lanes.map((lane) => lane.restore()))
      return told.flat()
    },
    update(ruleGroup, alerts) {
      for (const lane of lanes) lane.update(ruleGroup, alerts)
    },
    async [Symbol.asyncDispose]() {
      // What is under way may have arrived: it stays pending in the log and is sent again under the same key.
      stopping.abort(new Error('alerting stops'))
      await Promise.allSettled(running)
    },
  }
}

/** The same message has the same key, whoever sends it and however often. */
function keyOf(receiver: string, { groupLabels, alerts, reason, at }: Notification): string {
  const occurrences = alerts.map(
    ({ key, startsAt, endsAt }) => `${key} ${startsAt} ${endsAt === 0 ? 'firing' : 'resolved'}`,
  )
  const repeat = reason === 'repeat interval elapsed' ? String(at) : ''
  return createHash('sha256')
    .update(JSON.stringify([receiver, groupKey(groupLabels), occurrences.sort(), repeat]))
    .digest('hex')
}

const stillFiring = (told: ToldAlert): Alert => ({
  ...told,
  state: 'firing',
  resolvedAt: 0,
  keepFiringSince: null,
})

function pick(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(
    names.map((name) => [name, labels[name] ?? '']).filter(([, value]) => value !== ''),
  )
}
