import { setTimeout as delay, setImmediate as nextTick } from 'node:timers/promises'
import { type Engine, createEngine } from '../../../alerting/engine.ts'
import { createNotificationLog } from '../../../alerting/notify/log.ts'
import type { Receiver } from '../../../alerting/notify/notification.ts'
import { type Notifier, createNotifier } from '../../../alerting/notify/notifier.ts'
import { receiverOf } from '../../../alerting/notify/receivers/index.ts'
import type { RuleGroup } from '../../../alerting/rule.ts'
import { builtInRules } from '../../../alerting/rules/index.ts'
import type { Clock } from '../../../lib/clock.ts'
import { receiverSchema } from '../../../lib/config/receivers.ts'
import { configSchema } from '../../../lib/config/schema.ts'
import { createDelivery, memoryBacklog } from '../../../lib/delivery.ts'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import { type Sample, encodeLine } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { type SampleWriter, createSampleWriter } from '../../../lib/sample-writer.ts'
import type { Labels } from '../../../lib/labels.ts'
import {
  type Point,
  type VictoriaMetrics,
  connectVictoriaMetrics,
} from '../../../lib/victoriametrics.ts'
import { type MutableInventory, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

/**
 * A whole hour or so before most of Europe sets its clocks forward. Not midnight (UTC): VictoriaMetrics finds no sample
 * of that millisecond when it is asked as of the same one.
 */
export const START = Date.UTC(2026, 2, 29, 0, 40)

/**
 * The engine over a real VictoriaMetrics and Redis in a time that the test moves: `run` writes no samples of its
 * own, lets every rule group take its turns, and returns once all of them wait for their next one.
 */
export type Simulation = AsyncDisposable & {
  readonly stores: Stores
  readonly inventory: MutableInventory
  now(): number
  /** Stores ping samples; `at` may lie anywhere. */
  ping(samples: readonly PingFact[]): Promise<void>
  /** Stores any other samples. */
  write(samples: readonly Sample[]): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
  /** Begins the turn of `at` and ends the engine `realMs` later, wherever it is. */
  stopWithin(at: number, realMs: number): Promise<void>
  /** Lets time pass up to `at`, turn by turn of the availability group. */
  runUntil(at: number): Promise<void>
  /** Waits until no message is on its way: however slow the machine is, receivers keep up with the test's time. */
  delivered(): Promise<void>
  /** Moves time without any turn: the engine is off or frozen. */
  skipTo(at: number): void
  /** What a query sees now, all written samples searchable. */
  query(expr: string): Promise<readonly Point[]>
  /** Goes on with these groups beside wardline's own. */
  reload(groups: readonly RuleGroup[]): Promise<void>
  /** What the engine shows of itself. */
  view(): ReturnType<Engine['groups']>
  /** Evaluates availability once, as a hint of the collector does, without time passing. */
  hint(): Promise<void>
  /** Ends VictoriaMetrics with a signal; `meanwhile` runs while it is away, and then it is back. */
  endVictoriaMetrics(how: 'SIGTERM' | 'SIGKILL', meanwhile: () => Promise<void>): Promise<void>
}

export type PingFact = {
  readonly device: Device
  readonly at: number
  readonly up: boolean
  /** Of two echoes; both, unless told. */
  readonly received?: number
  readonly rttSeconds?: number
  /** `collector-1`, unless told. */
  readonly vantage?: string
}

export type SimulationOptions = {
  /** The configuration's `alerting`, where it is another than the default. */
  readonly alerting?: Readonly<Record<string, unknown>>
  readonly devices: readonly Device[]
  readonly receivers?: readonly ReceiverOptions[]
  readonly startAt?: number
  /** Asked at each start. */
  readonly groups?: (defaults: readonly RuleGroup[]) => readonly RuleGroup[]
}

export type ReceiverOptions = { readonly url: string } & Partial<Omit<Receiver, 'notify'>>

const STEP_MS = 2_000

export async function simulate(options: SimulationOptions): Promise<Simulation> {
  const stores = await startStores()
  const { victoriaMetrics, redis } = stores
  const log = createLog('silent')
  const inventory = inventoryOf(...options.devices)
  const defaults = builtInRules(configSchema.parse({ alerting: options.alerting ?? {} }))
  let groups: readonly RuleGroup[] = defaults
  let now = options.startAt ?? START
  const engineClock = createTurns(() => now)
  const notifierClock = createTurns(() => now)
  const deliveries = countUnderWay()
  let engine: Running | undefined

  async function stopEngine(): Promise<void> {
    const ending = engine
    engine = undefined
    if (ending === undefined) return
    ending.stopping.abort(new Error('the engine stops'))
    await ending.running
    await ending.notifier[Symbol.asyncDispose]()
    await ending.writer[Symbol.asyncDispose]()
    await ending.client[Symbol.asyncDispose]()
    engineClock.forget()
    notifierClock.forget()
  }

  const settled = (): Promise<void> => engineClock.sleeping(groups.length)
  const createWriter = (client: VictoriaMetrics): SampleWriter =>
    createSampleWriter(
      createDelivery({ victoriaMetrics: client, backlog: memoryBacklog(1e8), meter: SILENT, log }),
    )
  const collector = createWriter(victoriaMetrics)

  return {
    stores,
    inventory,
    now: () => now,
    async ping(samples) {
      collector.write(samples.map(pingSample))
      await collector.flushed(30_000)
    },
    async write(samples) {
      await victoriaMetrics.writeLines(samples.map(encodeLine).join('\n'))
      await victoriaMetrics.flush()
    },
    async start() {
      const stopping = new AbortController()
      groups = options.groups?.(defaults) ?? defaults
      const client = connectVictoriaMetrics(stores.vmUrl)
      const writer = createWriter(client)
      const notificationLog = createNotificationLog(redis, log)
      const notifier = createNotifier({
        receivers: (options.receivers ?? [])
          .map(webhookReceiver)
          .map((receiver) => ({ ...receiver, notify: deliveries.counted(receiver.notify) })),
        record: writer.write,
        notificationLog: { ...notificationLog, save: deliveries.counted(notificationLog.save) },
        meter: SILENT,
        log,
        clock: notifierClock,
      })
      let listener = (): void => {}
      const created = createEngine({
        groups,
        availabilityGroup: 'availability',
        rewriteMs: 15_000,
        inventory,
        victoriaMetrics: client,
        writer,
        notifier,
        announce: () => {},
        onHint: (given) => (listener = given),
        meter: SILENT,
        clock: engineClock,
        log,
      })
      const running = created.run(stopping.signal)
      const hint = (): void => listener()
      engine = { stopping, client, writer, notifier, running, hint, engine: created }
      await settled()
    },
    stop: stopEngine,
    async stopWithin(at, realMs) {
      now = at
      notifierClock.wake()
      engineClock.wake()
      await delay(realMs)
      await stopEngine()
    },
    async endVictoriaMetrics(how, meanwhile) {
      const { victoriaMetrics: pid } = stores.pids()
      process.kill(pid ?? Number.NaN, how)
      await waitFor(() => stores.pids().victoriaMetrics !== pid, { intervalMs: 1 })
      await meanwhile()
      await waitFor(
        async () => stores.pids().victoriaMetrics !== null && (await victoriaMetrics.healthy()),
        {
          timeoutMs: 30_000,
          what: 'VictoriaMetrics to be back',
        },
      )
    },
    async runUntil(at) {
      while (now < at) {
        now = Math.min(at, (Math.floor(now / STEP_MS) + 1) * STEP_MS)
        notifierClock.wake()
        if (engineClock.wake() > 0) await settled()
      }
    },
    async delivered() {
      await nextTick()
      await waitFor(() => deliveries.count() === 0, {
        timeoutMs: 30_000,
        intervalMs: 1,
        what: 'messages to arrive',
      })
    },
    skipTo(at) {
      now = at
    },
    async query(expr) {
      await engine?.writer.flushed(30_000)
      await victoriaMetrics.flush()
      // Further evaluations of one second are stamped a millisecond later each.
      return victoriaMetrics.query(expr, { at: now + 10 })
    },
    async reload(added) {
      groups = [...defaults, ...added]
      await engine?.engine.reload(groups)
      await settled()
    },
    view: () => engine?.engine.groups() ?? [],
    async hint() {
      engine?.hint()
      await engineClock.sleeping(groups.length - 1)
      await settled()
    },
    async [Symbol.asyncDispose]() {
      await stopEngine()
      await collector[Symbol.asyncDispose]()
      await stores[Symbol.asyncDispose]()
    },
  }
}

type Running = {
  readonly engine: Engine
  readonly stopping: AbortController
  readonly client: VictoriaMetrics
  readonly writer: SampleWriter
  readonly notifier: Notifier
  readonly running: Promise<void>
  readonly hint: () => void
}

const SILENT = {
  evaluated() {},
  missed() {},
  ruleEvaluated() {},
  ended() {},
  alerts() {},
  sent() {},
  attempted() {},
  delivered() {},
  stored() {},
  dropped() {},
  waiting() {},
}

const EXTERNALS = { externalUrl: 'http://wardline.example:5001', externalLabels: {} }

function webhookReceiver({ url, name = 'ops', ...given }: ReceiverOptions): Receiver {
  const config = receiverSchema.parse({ name, webhook: { url, timeout: '2s' } })
  return { ...receiverOf(config, EXTERNALS), ...given }
}

/** How many calls haven't come back. */
function countUnderWay() {
  let underWay = 0
  return {
    count: () => underWay,
    counted:
      <Given extends readonly unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
      async (...given: Given): Promise<Result> => {
        underWay++
        try {
          return await call(...given)
        } finally {
          underWay--
        }
      },
  }
}

/** A clock whose sleepers wake when they are told, and that says when so many of them sleep. */
function createTurns(now: () => number): Clock & {
  wake(): number
  sleeping(count: number): Promise<void>
  forget(): void
} {
  const sleepers = new Set<{ at: number; end: () => void }>()
  return {
    now,
    async sleepUntil(at, signal) {
      signal.throwIfAborted()
      if (at <= now()) return
      await new Promise<void>((resolve, reject) => {
        const end = (): void => {
          sleepers.delete(sleeper)
          resolve()
        }
        const sleeper = { at, end }
        sleepers.add(sleeper)
        const abort = (): void => {
          sleepers.delete(sleeper)
          reject(signal.reason as Error)
        }
        signal.addEventListener('abort', abort, { once: true })
      })
    },
    wake() {
      const due = [...sleepers].filter(({ at }) => at <= now())
      for (const { end } of due) end()
      return due.length
    },
    async sleeping(count) {
      await waitFor(() => sleepers.size === count, {
        timeoutMs: 30_000,
        intervalMs: 1,
        what: `${count} rule groups to wait for their turn`,
      })
    },
    forget: () => sleepers.clear(),
  }
}

const labelsOf = new Map<string, WeakMap<Device, Labels>>()

function pingSample(fact: PingFact): Sample {
  const { device, at, up, received = 2, rttSeconds = 0.01, vantage = 'collector-1' } = fact
  let ofVantage = labelsOf.get(vantage)
  if (ofVantage === undefined) labelsOf.set(vantage, (ofVantage = new WeakMap()))
  let labels = ofVantage.get(device)
  if (labels === undefined) {
    labels = { ...identityLabels(device), vantage }
    ofVantage.set(device, labels)
  }
  const fields = up
    ? { up: 1, rtt_seconds: rttSeconds, loss_ratio: 1 - received / 2, sent: 2, received }
    : { up: 0, loss_ratio: 1, sent: 2, received: 0 }
  return { measurement: 'ping', labels, fields, at }
}

/** Samples of a device every `everyMs` in [from, to). */
export function pings(
  device: Device,
  up: boolean,
  from: number,
  to: number,
  everyMs = 10_000,
): PingFact[] {
  const facts: PingFact[] = []
  for (let at = from; at < to; at += everyMs) facts.push({ device, at, up })
  return facts
}
