import type { z } from 'zod'
import type { Alert } from '../../../../alerting/alert.ts'
import type { LogEntry } from '../../../../alerting/notify/log-entry.ts'
import type { NotificationLog } from '../../../../alerting/notify/log.ts'
import type { Notification, Receiver } from '../../../../alerting/notify/notification.ts'
import { createNotifier } from '../../../../alerting/notify/notifier.ts'
import { NotifyError } from '../../../../alerting/notify/notify-error.ts'
import { compileRouting } from '../../../../alerting/notify/routing.ts'
import { configSchema } from '../../../../lib/config/schema.ts'
import { type Decided, NOTHING_DECIDED } from '../../../../lib/decisions/decided.ts'
import type { Sample } from '../../../../lib/line-protocol.ts'
import { type ManualClock, manualClock, settle } from '../../../fakes/clock.ts'
import { recordLog } from '../../../fakes/log.ts'

export const T = 1_790_000_000_000
export const SECOND = 1_000
export const HOUR = 3_600_000
export const RULES = 'availability'

export type Try = {
  readonly at: number
  readonly key: string
  readonly notification: Notification
  readonly reference: string | null
  readonly receiver: string
}

/** What a receiver does with a message. */
export type Manners = (attempt: Try) => void | string | Promise<void>

export const busy = () => {
  throw new NotifyError('answered 500', { retryable: true, reason: 'failed' })
}

/** A notification log as Redis keeps it: texts that outlive the notifier. */
export function createStore(): NotificationLog & {
  readonly keptMs: number[]
  size(): number
  away: boolean
} {
  const texts = new Map<string, string>()
  const keptMs: number[] = []
  const store = {
    keptMs,
    away: false,
    /** Of those that are owed something. */
    size: () =>
      [...texts.values()].filter((text) => {
        const { told, pending } = JSON.parse(text) as LogEntry
        return told.length > 0 || pending !== null
      }).length,
    async load(receiver: string) {
      if (store.away) throw new Error('Redis is away')
      const own = [...texts].filter(([key]) => key.startsWith(`${receiver} `))
      return new Map(
        own.map(([key, text]) => [key.slice(receiver.length + 1), JSON.parse(text) as LogEntry]),
      )
    },
    async save(receiver: string, groupKey: string, entry: LogEntry, keepMs: number) {
      if (store.away) return false
      keptMs.push(keepMs)
      const isOver = entry.told.length === 0 && entry.pending === null
      if (isOver && entry.ended.length === 0) texts.delete(`${receiver} ${groupKey}`)
      else texts.set(`${receiver} ${groupKey}`, JSON.stringify(entry))
      return true
    },
  }
  return store
}

export function setUp(given: {
  readonly manners?: Record<string, Manners>
  readonly receivers?: readonly (Partial<Omit<Receiver, 'notify'>> & { readonly name: string })[]
  readonly clock?: ManualClock
  readonly store?: ReturnType<typeof createStore>
  /** The parts of wardline.yaml about routes; left out: each receiver is told of everything. */
  readonly config?: z.input<typeof configSchema>
}) {
  const clock = given.clock ?? manualClock(T)
  const store = given.store ?? createStore()
  const tries: Try[] = []
  const outcomes: string[] = []
  const manners: Record<string, Manners> = { ...given.manners }
  const log = recordLog()
  const samples: Sample[] = []
  let decided: Decided = NOTHING_DECIDED
  const receivers: readonly Receiver[] = (given.receivers ?? [{ name: 'ops' }]).map((receiver) => ({
    groupBy: ['device'],
    sendResolved: true,
    repeatMs: 4 * HOUR,
    retryForMs: 24 * HOUR,
    maxAlerts: 0,
    updatesInPlace: false,
    ...receiver,
    notify: async (notification, { idempotencyKey: key, reference, signal }) => {
      const attempt = { at: clock.now() - T, key, notification, reference, receiver: receiver.name }
      tries.push(attempt)
      const hang = manners[receiver.name]?.(attempt)
      if (typeof hang === 'string') return hang
      await Promise.race([
        hang,
        new Promise((_, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason as Error)),
        ),
      ])
      return undefined
    },
  }))
  const notifier = createNotifier({
    receivers,
    routing: compileRouting(configSchema.parse(given.config ?? {}), receivers),
    decisions: () => decided,
    record: (more) => samples.push(...more),
    notificationLog: store,
    meter: {
      sent: (receiver, outcome) => outcomes.push(`${receiver} ${outcome}`),
      attempted() {},
      delivered() {},
    },
    log: log.log,
    clock,
  })
  let restored: Promise<unknown> | undefined
  return {
    clock,
    store,
    tries,
    outcomes,
    log,
    notifier,
    samples,
    async decide(change: Partial<Decided>) {
      decided = { ...decided, ...change }
      notifier.decided()
      await settle()
    },
    behave: (name: string, next: Manners) => (manners[name] = next),
    async update(...alerts: Alert[]) {
      await (restored ??= notifier.restore())
      notifier.update(RULES, alerts)
      await settle()
    },
  }
}

export const refuse = () => {
  throw new NotifyError('answered 400', { retryable: false, reason: 'refused' })
}

export const said = (tries: readonly Try[]): string[] =>
  tries.map(({ notification }) =>
    notification.alerts
      .map(({ labels, endsAt }) => `${labels['device']} ${endsAt === 0 ? 'fires' : 'ended'}`)
      .join(', '),
  )
