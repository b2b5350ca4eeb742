import type { Config } from '../../lib/config/schema.ts'
import { type Decided, NOTHING_DECIDED } from '../../lib/decisions/decided.ts'
import type { Logger } from '../../lib/log.ts'
import type { Alert } from '../alert.ts'
import { type Claims, createClaims } from '../group/claims.ts'
import type { NotificationLog } from '../notify/log.ts'
import type { Notification, NotifiedAlert, Receiver } from '../notify/notification.ts'
import { createNotifier } from '../notify/notifier.ts'
import { occurrence } from '../notify/occurrence.ts'
import { compileRouting } from '../notify/routing.ts'
import type { RuleGroup } from '../rule.ts'
import { type VirtualClock, settled } from './virtual-clock.ts'

/** One message that a receiver would have got. */
export type Message = {
  readonly at: number
  readonly receiver: string
  readonly notification: Notification
  /** Those of its alerts of which the receiver hears for the first time. */
  readonly fresh: readonly NotifiedAlert[]
}

/** A set of rules, and what its receivers would have been told. */
export type World = AsyncDisposable & {
  readonly groups: readonly RuleGroup[]
  readonly messages: readonly Message[]
  /** After an evaluation of one of its groups. */
  update(group: RuleGroup, groupId: string, alerts: readonly Alert[]): Promise<void>
}

export type WorldOptions = {
  readonly groups: readonly RuleGroup[]
  readonly receivers: readonly Receiver[]
  readonly config: Pick<Config, 'route' | 'time_intervals' | 'inhibit_rules'>
  readonly decided?: Decided
  readonly clock: VirtualClock
  readonly log: Logger
}

export async function createWorld({
  groups,
  receivers,
  config,
  decided = NOTHING_DECIDED,
  clock,
  log,
}: WorldOptions): Promise<World> {
  const messages: Message[] = []
  const claims: Claims = createClaims()
  const notifier = createNotifier({
    receivers: receivers.map((receiver) => recording(receiver, messages, clock)),
    routing: compileRouting(config, receivers),
    decisions: () => decided,
    notificationLog: NO_LOG,
    meter: SILENT,
    log,
    clock,
  })
  await notifier.restore()
  return {
    groups,
    messages,
    async update(group, id, alerts) {
      notifier.update(id, claims.own(group.name, id, alerts))
      await settled()
    },
    [Symbol.asyncDispose]: () => notifier[Symbol.asyncDispose](),
  }
}

/** A receiver that takes everything at once. */
function recording(receiver: Receiver, messages: Message[], clock: VirtualClock): Receiver {
  const told = new Set<string>()
  const { refreshMs: _, ...rest } = receiver
  return {
    ...rest,
    notify(notification) {
      const fresh: NotifiedAlert[] = []
      for (const alert of notification.alerts) {
        const one = occurrence(alert)
        if (alert.endsAt !== 0) told.delete(one)
        else if (!told.has(one)) {
          told.add(one)
          fresh.push(alert)
        }
      }
      messages.push({ at: clock.now(), receiver: receiver.name, notification, fresh })
      return Promise.resolve()
    },
  }
}

/** The past is replayed from its beginning: nothing was told before. */
const NO_LOG: NotificationLog = {
  load: () => Promise.resolve(new Map()),
  save: () => Promise.resolve(true),
}

const SILENT = { sent() {}, attempted() {}, delivered() {} }
