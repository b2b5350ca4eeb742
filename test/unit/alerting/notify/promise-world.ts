import { type Alert, alertKey } from '../../../../alerting/alert.ts'
import type { Notification } from '../../../../alerting/notify/notification.ts'
import { NotifyError } from '../../../../alerting/notify/notify-error.ts'
import type { Acknowledgement } from '../../../../lib/decisions/acknowledgement.ts'
import type { Silence } from '../../../../lib/decisions/silence.ts'
import type { MaintenanceWindow } from '../../../../lib/decisions/window.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import type { Labels } from '../../../../lib/labels.ts'
import { manualClock, settle } from '../../../fakes/clock.ts'
import { type Ledger, createLedger } from './ledger.ts'
import { createStore } from './notifier-stand.ts'
import {
  ALERTS,
  HOUR,
  MINUTE,
  type Manner,
  RECEIVERS,
  type ReceiverName,
  T,
} from './promise-config.ts'
import { type Process, routingOf, startProcess } from './promise-process.ts'
import { holds } from './promise-rules.ts'

/** Everything that a notifier meets: alerts, people, receivers, restarts; and what must hold whatever they do. */
export function createWorld() {
  const clock = manualClock(T)
  const store = createStore()
  const ledgers = new Map<ReceiverName, Ledger>(RECEIVERS.map((name) => [name, createLedger(name)]))
  const manners = new Map<ReceiverName, Manner>()
  const alerts = new Map<number, Alert>()
  /** What the notifier was shown last: it can't know more. */
  let shown: readonly Alert[] = []
  const decided = {
    silences: [] as readonly Silence[],
    windows: [] as readonly MaintenanceWindow[],
    acknowledgements: [] as readonly Acknowledgement[],
  }
  let snapshot = { ...decided }
  let config = 0
  const problems: string[] = []
  /** Ends the waiting of those that a deaf receiver keeps waiting. */
  const hanging = new Set<() => void>()
  const revisions = new Map<string, number>()
  let process: Process | undefined
  /** Leaders that stand still, and don't know that others lead meanwhile. */
  const frozen = new Set<Process>()
  /** The fencing token of who leads. */
  let term = 0

  /** Devices that lie behind one that is down, as the next evaluation finds. */
  let behind: ReadonlyMap<string, string> = new Map()
  /** What the notifier was told of that. */
  let shownBehind = behind

  /** `maybe`: an acknowledgement that the alert's revision ended, which a restart may have forgotten. */
  function held(labels: Labels, startsAt: number, receiver: ReceiverName): 'yes' | 'no' | 'maybe' {
    const revisedAt = revisions.get(alertKey(labels)) ?? 0
    const isHeld = (acknowledgements: typeof snapshot.acknowledgements): boolean =>
      holds(
        { labels, startsAt, receiver },
        {
          at: clock.now(),
          config,
          shown,
          behind: shownBehind,
          decided: { ...snapshot, acknowledgements },
        },
      )
    const all = snapshot.acknowledgements
    const [most, least] = [
      isHeld(all),
      isHeld(all.filter(({ sticky, at }) => sticky || at > revisedAt)),
    ]
    return most === least ? (most ? 'yes' : 'no') : 'maybe'
  }

  async function notify(receiver: ReceiverName, key: string, message: Notification): Promise<void> {
    const ledger = ledgers.get(receiver) as Ledger
    const manner = manners.get(receiver) ?? 'well'
    if (manner === 'failing') throw new NotifyError('500', { retryable: true, reason: 'failed' })
    if (manner === 'overloaded')
      throw new NotifyError('429', { retryable: true, reason: 'overloaded', retryAfterMs: 90_000 })
    if (manner === 'refusing' && !ledger.has(key))
      throw new NotifyError('400', { retryable: false, reason: 'refused' })
    const isDecidedNow = message.at === clock.now()
    for (const { labels, startsAt } of ledger.take(key, message)) {
      if (isDecidedNow && held(labels, startsAt, receiver) === 'yes')
        problems.push(`${receiver} was told of ${JSON.stringify(labels)}, which is held back`)
    }
    if (manner === 'mute') throw new NotifyError('timeout', { retryable: true, reason: 'timeout' })
    if (manner === 'deaf') {
      await new Promise<void>((resolve) => hanging.add(resolve))
      throw new NotifyError('timeout', { retryable: true, reason: 'timeout' })
    }
  }

  async function begin(): Promise<void> {
    const token = ++term
    const isLeader = (): boolean => token === term
    process = startProcess({ clock, store, config, decided: () => snapshot, notify, isLeader })
    await process.notifier.restore()
  }

  /** Shows the notifier all alerts, group by group. */
  async function evaluate(): Promise<void> {
    if (process === undefined) {
      await begin()
      shown = []
    }
    await clock.advance(1) // what was decided before has another instant
    shownBehind = behind
    process?.notifier.lieBehind(behind)
    await settle()
    for (const groupId of ['availability', 'quality']) {
      const current = [...alerts.values()].filter((alert) => alert.groupId === groupId)
      shown = [...shown.filter((alert) => alert.groupId !== groupId), ...current]
      process?.notifier.update(groupId, current)
      await settle()
    }
  }

  const isWell = (): boolean => RECEIVERS.every((name) => (manners.get(name) ?? 'well') === 'well')

  return {
    ledgers,
    alerts,
    clock,
    evaluate,
    config: () => config,
    problems: () => [...problems, ...[...ledgers.values()].flatMap((ledger) => ledger.problems)],
    fire(index: number): void {
      if (alerts.get(index)?.state !== 'firing') alerts.set(index, alertAt(index, clock.now()))
    },
    end(index: number): void {
      const alert = alerts.get(index)
      if (alert?.state === 'firing')
        alerts.set(index, { ...alert, state: 'resolved', resolvedAt: clock.now() })
    },
    anew(index: number): void {
      if (alerts.has(index)) alerts.set(index, alertAt(index, clock.now()))
    },
    forget: (index: number) => void alerts.delete(index),
    /** A device left the inventory or was switched off: nothing fires of it any more. */
    leave(name: string): void {
      for (const [index, { labels }] of alerts) if (labels['device'] === name) this.end(index)
    },
    cutOff: (...names: string[]) => void (behind = new Map(names.map((name) => [name, 'r0']))),
    revise(index: number): void {
      const alert = alerts.get(index)
      if (alert === undefined) return
      revisions.set(alert.key, clock.now())
      alerts.set(index, { ...alert, revision: `${clock.now()}` })
    },
    async decide(
      change: (at: number, before: typeof snapshot) => Partial<typeof snapshot>,
    ): Promise<void> {
      snapshot = { ...snapshot, ...change(clock.now(), snapshot) }
      process?.notifier.decided()
      await clock.advance(1) // what it decides on this is under way before anything else is decided
    },
    acknowledge(index: number, sticky: boolean): void {
      const alert = alerts.get(index)
      if (alert === undefined) return
      const at = clock.now()
      const given: Acknowledgement = {
        id: fingerprint(alert.labels),
        labels: alert.labels,
        startsAt: alert.startsAt,
        createdBy: 'ann',
        comment: '',
        at,
        expiresAt: sticky ? at + HOUR : null,
        sticky,
      }
      snapshot = { ...snapshot, acknowledgements: [...snapshot.acknowledgements, given] }
    },
    behave: (receiver: ReceiverName, manner: Manner) => void manners.set(receiver, manner),
    async wait(ms: number): Promise<void> {
      await clock.advance(ms)
    },
    /** Ends the process as a signal does; the next evaluation begins another one. */
    async stop(): Promise<void> {
      await process?.notifier[Symbol.asyncDispose]()
      process = undefined
    },
    /** It dies after so many more of its steps to the outside: nobody is told, and another one takes over. */
    async die(steps: number): Promise<void> {
      process?.fuse(steps)
      await evaluate()
      process?.fuse(0)
      void process?.notifier[Symbol.asyncDispose]()
      await settle()
      process = undefined
    },
    /** It stands still after so many more of its steps, as one that got SIGSTOP does, and another one takes over. */
    async freeze(steps: number): Promise<void> {
      const old = process
      old?.freeze(steps)
      await evaluate()
      old?.freeze(0)
      if (old !== undefined) frozen.add(old)
      process = undefined
    },
    /** Those that stood still go on with what they had in mind, look once more, and learn that they lead no more. */
    async wake(): Promise<void> {
      if (process === undefined) await evaluate()
      for (const old of frozen) {
        frozen.delete(old)
        old.thaw()
        await settle()
        for (const groupId of ['availability', 'quality'])
          old.notifier.update(
            groupId,
            [...alerts.values()].filter((alert) => alert.groupId === groupId),
          )
        await settle()
        await old.notifier[Symbol.asyncDispose]()
      }
    },
    /**
     * Redis misses that an alert begins or ends. While messages are under way, their outcome would be lost with it, and
     * no process could know of it.
     */
    async loseRedis(index: number): Promise<void> {
      if (!isWell()) return
      await evaluate()
      await clock.advance(10 * MINUTE)
      store.away = true
      const alert = alerts.get(index)
      if (alert?.state === 'firing')
        alerts.set(index, { ...alert, state: 'resolved', resolvedAt: clock.now() })
      else alerts.set(index, alertAt(index, clock.now()))
      await evaluate()
      await clock.advance(10 * MINUTE)
      store.away = false
      await evaluate()
      await evaluate()
    },
    async changeConfig(next: number): Promise<void> {
      config = next
      await process?.notifier[Symbol.asyncDispose]()
      process = undefined
    },
    /** Everybody is well, and time passes until nothing is left to tell. */
    async settleDown(): Promise<void> {
      for (const name of RECEIVERS) manners.set(name, 'well')
      for (const release of hanging) release()
      for (let turn = 0; turn < 12; turn++) {
        await evaluate()
        await clock.advance(2.5 * MINUTE)
      }
    },
    /** Who should know of which alerts now: all that nothing holds back, on its routes. */
    expected(): string[] {
      const { destinations } = routingOf(config)
      return [...alerts.values()]
        .filter(({ state }) => state === 'firing')
        .flatMap(({ key, labels, startsAt }) =>
          destinations(labels)
            .map(({ receiver }) => receiver as ReceiverName)
            .filter((receiver) => receiver !== 'few' && held(labels, startsAt, receiver) === 'no')
            .map((receiver) => `${receiver} ${key} ${startsAt}`),
        )
    },
    known: (): string[] =>
      [...ledgers].flatMap(([receiver, { open }]) =>
        [...open].map(([key, startsAt]) => `${receiver} ${key} ${startsAt}`),
      ),
    async close(): Promise<void> {
      for (const old of frozen) old.thaw()
      const open = [...frozen, ...(process === undefined ? [] : [process])]
      await Promise.all(open.map(({ notifier }) => notifier[Symbol.asyncDispose]()))
    },
  }
}

export type World = ReturnType<typeof createWorld>

function alertAt(index: number, at: number): Alert {
  const { groupId, labels } = ALERTS[index % ALERTS.length] as (typeof ALERTS)[number]
  return {
    key: alertKey(labels),
    groupId,
    ruleId: labels['alertname'] ?? '',
    labels,
    annotations: {},
    value: 1,
    revision: '',
    state: 'firing',
    activeAt: at,
    startsAt: at,
    resolvedAt: 0,
    keepFiringSince: null,
  }
}
