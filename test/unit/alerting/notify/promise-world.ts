import { type Alert, alertKey } from '../../../../alerting/alert.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import type { NotificationLog } from '../../../../alerting/notify/log.ts'
import type { Notification } from '../../../../alerting/notify/notification.ts'
import { NotifyError } from '../../../../alerting/notify/notify-error.ts'
import { type Notifier, createNotifier } from '../../../../alerting/notify/notifier.ts'
import { compileRouting } from '../../../../alerting/notify/routing.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import type { Acknowledgement } from '../../../../lib/decisions/acknowledgement.ts'
import type { Silence } from '../../../../lib/decisions/silence.ts'
import type { MaintenanceWindow } from '../../../../lib/decisions/window.ts'
import type { Labels } from '../../../../lib/labels.ts'
import { type ManualClock, manualClock, settle } from '../../../fakes/clock.ts'
import { recordLog } from '../../../fakes/log.ts'
import { type Ledger, createLedger } from './ledger.ts'
import { createStore } from './notifier-stand.ts'
import { holds } from './promise-rules.ts'

export const MINUTE = 60_000
export const HOUR = 3_600_000
export const T = Date.UTC(2026, 5, 1, 8)

/** `few` takes one alert in a message, and hears of the others by their number. */
export const RECEIVERS = ['ops', 'chat', 'boss', 'few'] as const
export type ReceiverName = (typeof RECEIVERS)[number]

/** What a receiver does with messages. `mute` takes them, and its answers get lost; `deaf` lets one wait for that, too. */
export type Manner = 'well' | 'failing' | 'refusing' | 'mute' | 'deaf' | 'overloaded'

const device = (name: string, branch: string): Labels => ({ device: name, branch })
const R1 = device('r1', 'Vake')
const A = device('a', 'Vake')
const B = device('b', 'Saburtalo')

/** The alerts of this world: two rule groups, sources and targets of inhibition, one problem in two severities. */
export const ALERTS: readonly { readonly groupId: string; readonly labels: Labels }[] = [
  { groupId: 'availability', labels: { alertname: 'RouterDown', severity: 'critical', ...R1 } },
  { groupId: 'availability', labels: { alertname: 'DeviceDown', severity: 'critical', ...A } },
  { groupId: 'availability', labels: { alertname: 'DeviceDown', severity: 'critical', ...B } },
  { groupId: 'quality', labels: { alertname: 'Loss', severity: 'warning', ...A } },
  { groupId: 'quality', labels: { alertname: 'Loss', severity: 'critical', ...A } },
  { groupId: 'quality', labels: { alertname: 'Loss', severity: 'warning', ...B } },
]

const inhibitRules = [
  {
    source_matchers: ['alertname="RouterDown"'],
    target_matchers: ['alertname=~"DeviceDown|Loss"'],
    equal: ['branch'],
  },
]
const timeIntervals = [
  { name: 'lunch', time_intervals: [{ times: [{ start_time: '12:00', end_time: '13:00' }] }] },
]

/** Configurations between which the world changes: other routes, other groups, other patience. */
export const CONFIGS = [
  {},
  {
    route: {
      receiver: 'ops',
      group_by: ['branch'],
      group_wait: '30s',
      group_interval: '2m',
      routes: [
        { receiver: 'few', continue: true },
        { receiver: 'chat', matchers: ['severity="critical"'], continue: true },
        { receiver: 'ops', repeat_interval: '1h' },
      ],
    },
  },
  {
    route: {
      receiver: 'chat',
      group_by: ['...'],
      mute_time_intervals: ['lunch'],
      escalate: [{ after: '10m', receiver: 'boss' }],
      routes: [{ matchers: ['alertname="Loss"'], receiver: 'ops', group_by: [] }],
    },
  },
  {
    route: {
      receiver: 'boss',
      group_by: ['alertname'],
      routes: [
        { matchers: ['branch="Vake"'], receiver: 'ops', continue: true, group_by: ['device'] },
        { matchers: ['branch=~"Vake|Saburtalo"'], receiver: 'ops', group_by: ['severity'] },
      ],
    },
  },
].map((config) =>
  configSchema.parse({ ...config, inhibit_rules: inhibitRules, time_intervals: timeIntervals }),
)

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
    process = startProcess({ clock, store, config, decided: () => snapshot, notify })
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
    close: async (): Promise<void> => process?.notifier[Symbol.asyncDispose](),
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

const receiversOf = (
  notify: (receiver: ReceiverName, key: string, message: Notification) => Promise<void>,
) =>
  RECEIVERS.map((name) => ({
    name,
    groupBy: name === 'few' ? [] : ['alertname', 'device'],
    sendResolved: true,
    repeatMs: 4 * HOUR,
    retryForMs: 1_000 * HOUR,
    maxAlerts: name === 'few' ? 1 : 0,
    updatesInPlace: name === 'chat',
    notify: async (message: Notification, { idempotencyKey }: { idempotencyKey: string }) =>
      notify(name, idempotencyKey, message),
  }))

const routingOf = (config: number) =>
  compileRouting(
    CONFIGS[config] ?? {},
    receiversOf(() => Promise.resolve()),
  )

type Process = { readonly notifier: Notifier; fuse(steps: number): void }

/** A notifier whose steps to the outside can be made to end: whatever it does then, nobody sees. */
function startProcess({
  clock,
  store,
  config,
  decided,
  notify,
}: {
  clock: ManualClock
  store: NotificationLog
  config: number
  decided: Parameters<typeof createNotifier>[0]['decisions']
  notify: (receiver: ReceiverName, key: string, message: Notification) => Promise<void>
}): Process {
  let left = Infinity
  const never = new Promise<never>(() => {})
  const spend = (): boolean => left-- > 0
  const receivers = receiversOf(async (receiver, key, message) => {
    if (!spend()) return never
    return notify(receiver, key, message)
  })
  const notifier = createNotifier({
    receivers: receivers.map((receiver) => ({
      ...receiver,
      notify: (message, delivery) =>
        Promise.race([receiver.notify(message, delivery), aborted(delivery.signal)]),
    })),
    routing: compileRouting(CONFIGS[config] ?? {}, receivers),
    ...(decided === undefined ? {} : { decisions: decided }),
    notificationLog: {
      load: (receiver) => store.load(receiver),
      save: (...given) => (spend() ? store.save(...given) : never),
    },
    meter: { sent() {}, attempted() {}, delivered() {} },
    log: recordLog().log,
    clock,
  })
  return { notifier, fuse: (steps) => (left = steps) }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  )
