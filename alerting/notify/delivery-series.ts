import type { Labels } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Notification, ToldAlert } from './notification.ts'
import type { Attempt } from './sender.ts'

export const FIRST_DELIVERY = 'wardline_outage_to_delivery_seconds'

/** How one attempt to hand a notification over ended, as a sample: every delivery is in the history. */
export function attemptSample(
  receiver: string,
  notification: Notification,
  { result, reason, seconds, at }: Attempt,
): Sample {
  const labels = { receiver, result, reason, ...sharedLabels(notification) }
  return { measurement: '', labels, fields: { wardline_notification_seconds: seconds }, at }
}

/** From the beginning of an outage to the instant at which a receiver had it: wardline's own service level. */
export function outageSample(
  receiver: string,
  { labels: { alertname = '', device = '' }, startsAt }: ToldAlert,
  at: number,
): Sample {
  return {
    measurement: '',
    labels: { receiver, alertname, device },
    fields: { [FIRST_DELIVERY]: (at - startsAt) / 1000 },
    at,
  }
}

/** What all alerts of the message have in common; empty where they differ. */
function sharedLabels({ alerts }: Notification): Labels {
  const shared = (name: string): string => {
    const value = alerts[0]?.labels[name] ?? ''
    return alerts.every(({ labels }) => labels[name] === value) ? value : ''
  }
  return { alertname: shared('alertname'), device: shared('device') }
}
