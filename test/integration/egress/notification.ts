import type { Notification } from '../../../alerting/notify/notification.ts'

/** One problem, as the notifier hands it to a receiver. */
export const notification: Notification = {
  groupKey: '{}:{}',
  groupLabels: {},
  routeLabels: {},
  alerts: [],
  reason: 'first notification',
  at: Date.UTC(2026, 10, 22),
  truncatedAlerts: 0,
}
