import type { Labels } from '../../lib/labels.ts'
import type { Alert } from '../alert.ts'

/** An alert as a receiver knows it. */
export type ToldAlert = Pick<
  Alert,
  'key' | 'labels' | 'annotations' | 'value' | 'activeAt' | 'startsAt'
>

/** One alert in a notification; `endsAt` 0 while it fires. */
export type NotifiedAlert = ToldAlert & { readonly endsAt: number }

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
  /** The labels that the route's matchers say are equal to a value. */
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
