import type { Labels } from '../../lib/labels.ts'
import type { Alert } from '../alert.ts'

/** One alert in a notification; `endsAt` 0 while it fires. */
export type NotifiedAlert = Pick<
  Alert,
  | 'key'
  | 'groupId'
  | 'ruleId'
  | 'labels'
  | 'annotations'
  | 'value'
  | 'activeAt'
  | 'startsAt'
  | 'revision'
> & { readonly endsAt: number }

/** An alert as a receiver was told of it. */
export type ToldAlert = Omit<NotifiedAlert, 'endsAt'> & {
  /** When its revision was last seen to change, and to what; 0: never. `revision` is the one that was told. */
  readonly revisedAt: number
  readonly revisedTo?: string
}

/** Alertmanager's closed set, and `updated`: what a told alert says of itself (its revision) is another. */
export type Reason =
  | 'first notification'
  | 'new alerts added'
  | 'some alerts resolved'
  | 'all alerts resolved'
  | 'repeat interval elapsed'
  | 'updated'

/** One message to one receiver about one alert group. */
export type Notification = {
  /** `<route key>:<group labels>`, as Alertmanager prints it. */
  readonly groupKey: string
  readonly groupLabels: Labels
  /** Of the route: `labels` of the configuration, its parents' among them. */
  readonly routeLabels: Labels
  readonly alerts: readonly NotifiedAlert[]
  readonly reason: Reason
  readonly at: number
  /** How many more there are than `alerts` holds: the receiver's `maxAlerts`. */
  readonly truncatedAlerts: number
}

export type Delivery = {
  /** The same for each try of the same message, over restarts too. */
  readonly idempotencyKey: string
  /** What `notify` returned for the group's last notification: a message to edit in place. */
  readonly reference: string | null
  /** The fencing token of who sends: it only grows, from one leader to the next. */
  readonly term?: number
  readonly signal: AbortSignal
}

/**
 * Hands a notification over; rejects with NotifyError, or the signal's reason. What it returns comes back as the
 * reference of the group's next notification.
 */
export type Notify = (notification: Notification, delivery: Delivery) => Promise<string | void>

export type Receiver = {
  readonly name: string
  readonly notify: Notify
  readonly sendResolved: boolean
  readonly retryForMs: number
  /** The most alerts of one message; 0: all. */
  readonly maxAlerts: number
  /** Whether it is told when a told alert's revision changes: it edits the message that it has. */
  readonly updatesInPlace: boolean
  /** For alerts that reach it by no route of the configuration; `...` is all labels. */
  readonly groupBy: readonly string[]
  readonly repeatMs: number
  /** Told again at least this often, whatever its route says: an Alertmanager ends what isn't sent to it again. */
  readonly refreshMs?: number
}
