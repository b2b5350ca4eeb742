import type { NotificationLog } from '../../../../alerting/notify/log.ts'
import type { Notification } from '../../../../alerting/notify/notification.ts'
import { type Notifier, createNotifier } from '../../../../alerting/notify/notifier.ts'
import { compileRouting } from '../../../../alerting/notify/routing.ts'
import type { ManualClock } from '../../../fakes/clock.ts'
import { recordLog } from '../../../fakes/log.ts'
import { CONFIGS, HOUR, RECEIVERS, type ReceiverName } from './promise-config.ts'

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

export const routingOf = (config: number) =>
  compileRouting(
    CONFIGS[config] ?? {},
    receiversOf(() => Promise.resolve()),
  )

export type Process = {
  readonly notifier: Notifier
  fuse(steps: number): void
  freeze(steps: number): void
  thaw(): void
}

/**
 * A notifier whose steps to the outside can be made to end, whatever it does then nobody sees, or to stand still. Before
 * each message it knows whether it leads, and the log refuses what it writes when it doesn't.
 */
export function startProcess({
  clock,
  store,
  config,
  decided,
  notify,
  isLeader,
}: {
  clock: ManualClock
  store: NotificationLog
  config: number
  decided: Parameters<typeof createNotifier>[0]['decisions']
  notify: (receiver: ReceiverName, key: string, message: Notification) => Promise<void>
  isLeader: () => boolean
}): Process {
  let left = Infinity
  let movesLeft = Infinity
  const still = Promise.withResolvers<void>()
  const never = new Promise<never>(() => {})
  const spend = (): boolean => left-- > 0
  const move = async (): Promise<void> => (movesLeft-- > 0 ? undefined : still.promise)
  const receivers = receiversOf(async (receiver, key, message) => {
    if (!isLeader() || !spend()) return never
    // It may stand still between its last look and the sending.
    await move()
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
      async save(...given) {
        if (!spend()) return never
        await move()
        return isLeader() ? store.save(...given) : false
      },
    },
    meter: { sent() {}, attempted() {}, delivered() {} },
    log: recordLog().log,
    clock: {
      now: clock.now,
      async sleepUntil(at, signal) {
        await clock.sleepUntil(at, signal)
        if (movesLeft <= 0) await Promise.race([still.promise, aborted(signal)])
      },
    },
  })
  return {
    notifier,
    fuse: (steps) => (left = steps),
    freeze: (steps) => (movesLeft = steps),
    thaw() {
      movesLeft = Infinity
      still.resolve()
    },
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
