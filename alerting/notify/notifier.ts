import type { Clock } from '../../lib/clock.ts'
import { type Decided, NOTHING_DECIDED } from '../../lib/decisions/decided.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Logger } from '../../lib/log.ts'
import type { Alert } from '../alert.ts'
import type { LiveSeries } from '../series.ts'
import { type Change, type Tracked, createAlertStore } from './alert-store.ts'
import { attemptSample, outageSample } from './delivery-series.ts'
import { createCalendar } from './in-force.ts'
import { createInhibitor } from './inhibit.ts'
import { type Lane, createLane } from './lane.ts'
import type { NotificationLog } from './log.ts'
import type { NotifierMeter } from './meter.ts'
import type { Receiver, ToldAlert } from './notification.ts'
import { createReach } from './reach.ts'
import { type Routing, compileRouting } from './routing.ts'
import type { Situation } from './stages.ts'
import { type NotifierView, createHeldSeries, viewOf } from './view.ts'

/** Tells receivers what changed, in the background: an evaluation never waits for a receiver. */
export type Notifier = AsyncDisposable & {
  /** Loads what was told by an earlier process: alerts that are owed a resolution. Rejects when Redis is away; it is read later then. */
  restore(): Promise<readonly ToldAlert[]>
  /** The alerts of a rule group after an evaluation: pending, firing and recently resolved ones. */
  update(groupId: string, alerts: readonly Alert[]): void
  /** A receiver had this, and the log may not know of it: while it fires it is told again, and its end is owed. */
  presume(receiver: string, told: ToldAlert): void
  /** The devices that are out of reach now, each with the one that is down before it: nobody is told of theirs. */
  lieBehind(causes: ReadonlyMap<string, string>): void
  /** What people decided changed: not to wait for the next evaluation. */
  decided(): void
  view(): NotifierView
  /** The series of what is held back and why. */
  heldSeries(): LiveSeries[]
}

export type NotifierDeps = {
  readonly receivers: readonly Receiver[]
  /** Left out: each receiver is told of every alert. */
  readonly routing?: Routing
  /** Left out: nobody decides anything. */
  readonly decisions?: () => Decided
  readonly notificationLog: NotificationLog
  /** Takes the series of deliveries. */
  readonly record?: (samples: readonly Sample[]) => void
  readonly meter: NotifierMeter
  readonly log: Logger
  readonly clock: Clock
}

/** The clock may be set meanwhile: nobody sleeps longer than this. Nor shorter than that, whatever is due. */
const SLEEP_MS = { most: 60_000, least: 10 }
const CLOCK_TOLERANCE_MS = 5_000

export function createNotifier({
  receivers,
  routing = compileRouting({}, receivers),
  decisions = () => NOTHING_DECIDED,
  notificationLog,
  record = () => {},
  meter,
  log,
  clock,
}: NotifierDeps): Notifier {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const store = createAlertStore()
  const inhibitor = createInhibitor(routing.inhibitRules)
  const reach = createReach()
  const calendar = createCalendar(decisions, routing.timeIntervals)
  const heldSeries = createHeldSeries()
  const lanes = receivers.map((receiver) => laneOf(receiver))
  let lookedAt = clock.now()
  let inForce = calendar.at(lookedAt)
  let sleepsUntil = Infinity
  let sleep = new AbortController()
  const turns = takeTurns()

  function laneOf(receiver: Receiver): Lane {
    const { name } = receiver
    return createLane({
      receiver,
      store,
      notificationLog,
      signal: stopping.signal,
      situation,
      attempted({ notification }, attempt) {
        meter.sent(name, attempt.result)
        meter.attempted(name, attempt.result, attempt.seconds)
        record([attemptSample(name, notification, attempt)])
      },
      delivered(alert, at) {
        meter.delivered(name, (at - alert.startsAt) / 1000)
        record([outageSample(name, alert, at)])
      },
      restored(told) {
        for (const alert of told) restore(alert)
      },
      keep,
      wake,
      log,
      clock,
    })
  }

  function restore(told: ToldAlert): void {
    const tracked = store.restore(told)
    if (tracked !== undefined) apply({ tracked, kind: 'began' })
  }

  function situation(): Situation {
    const at = clock.now()
    return { at, inForce: calendar.at(at), inhibitor, reach }
  }

  function apply(change: Change): void {
    const { tracked, kind } = change
    const { alert } = tracked
    const destinations = kind === 'began' ? routing.destinations(alert.labels) : []
    for (const lane of lanes) lane.take(change, destinations)
    const affected =
      kind === 'began' ? inhibitor.add(alert) : kind === 'ended' ? inhibitor.remove(alert) : []
    for (const key of affected) {
      const other = store.get(key)
      if (other !== undefined) other.held = null
      for (const lane of lanes) lane.touch(key)
    }
  }

  function lookAgain(changed: readonly Tracked[]): void {
    for (const tracked of changed) {
      tracked.held = null
      for (const lane of lanes) lane.touch(tracked.alert.key)
    }
  }

  /** Tells what there is to tell now. */
  function look(): void {
    const now = situation()
    obeyClock(now.at)
    if (now.inForce !== inForce) for (const lane of lanes) lane.touchAll()
    inForce = now.inForce
    for (const lane of lanes) lane.pump(now)
    wake()
  }

  /** A step back of less than that is what clocks do. */
  function obeyClock(at: number): void {
    const wasSetBack = at < lookedAt - CLOCK_TOLERANCE_MS
    lookedAt = at
    if (!wasSetBack) return
    store.obeyClock(at)
    for (const lane of lanes) lane.obeyClock(at)
  }

  function keep(work: Promise<void>): void {
    const kept = work
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) log.error({ err: error }, 'notification failed')
      })
      .finally(() => running.delete(kept))
    running.add(kept)
  }

  function nextAt(): number {
    return lanes.reduce((next, lane) => Math.min(next, lane.nextAt()), calendar.nextAt())
  }

  /** Looks when something is due: a repeat, a retry, the end of a silence. */
  async function takeTurns(): Promise<void> {
    while (!stopping.signal.aborted) {
      const now = clock.now()
      sleep = new AbortController()
      sleepsUntil = Math.min(Math.max(nextAt(), now + SLEEP_MS.least), now + SLEEP_MS.most)
      await clock.sleepUntil(sleepsUntil, sleep.signal).catch(() => {})
      if (stopping.signal.aborted) return
      if (clock.now() < nextAt()) continue
      try {
        look()
      } catch (error) {
        log.error({ err: error }, 'notification failed')
      }
    }
  }

  function wake(): void {
    if (nextAt() < sleepsUntil) sleep.abort()
  }

  return {
    async restore() {
      const told = await Promise.all(lanes.map((lane) => lane.load()))
      return told.flat()
    },
    update(groupId, alerts) {
      for (const lane of lanes) lane.tidy()
      for (const change of store.update(groupId, alerts, clock.now())) apply(change)
      lookAgain(reach.evaluated(groupId, clock.now()))
      look()
    },
    presume(receiver, told) {
      restore(told)
      lanes.find((lane) => lane.receiver.name === receiver)?.presume(told)
    },
    lieBehind(causes) {
      lookAgain(reach.put(causes, store.all(), clock.now()))
      look()
    },
    decided: look,
    view: () => viewOf(store, lanes, situation()),
    heldSeries: () => heldSeries(store, lanes, situation()),
    async [Symbol.asyncDispose]() {
      // What is under way may have arrived: it stays pending in the log and is sent again under the same key.
      stopping.abort(new Error('alerting stops'))
      sleep.abort()
      await turns
      await Promise.allSettled(running)
    },
  }
}
