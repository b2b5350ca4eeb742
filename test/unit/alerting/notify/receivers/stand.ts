import type {
  Delivery,
  Notification,
  NotifiedAlert,
  Reason,
} from '../../../../../alerting/notify/notification.ts'
import { groupKey } from '../../../../../alerting/notify/group-key.ts'
import { type Externals, receiverOf } from '../../../../../alerting/notify/receivers/index.ts'
import { type ReceiverConfig, receiverSchema } from '../../../../../lib/config/receivers.ts'
import type { z } from 'zod'
import { alertOf } from '../alerts.ts'

export const T = Date.UTC(2026, 2, 29, 0, 59, 58)
export const AT = T + 6_000

export const EXTERNALS: Externals = {
  externalUrl: 'http://wardline.example:5001',
  externalLabels: { site: 'tbilisi' },
}

/** A router of Vake that is down since T, or was until `endsAt`. */
export function outage(
  device = 'router-1',
  endsAt = 0,
  given: Partial<NotifiedAlert> = {},
): NotifiedAlert {
  const { state: _, resolvedAt: __, keepFiringSince: ___, ...told } = alertOf(device, T)
  return {
    ...told,
    labels: { ...told.labels, severity: 'critical', region: 'Tbilisi' },
    annotations: {
      summary: `${device} is down`,
      description: 'No answer to ping',
      device_name: `Vake <${device}>`,
      address: '198.18.0.1',
      link: `/?device=${device}`,
    },
    endsAt,
    ...given,
  }
}

export function notificationOf(
  alerts: readonly NotifiedAlert[] = [outage()],
  given: Partial<Notification> = {},
): Notification {
  const groupLabels = { alertname: 'DeviceDown', branch: 'Vake' }
  return {
    groupKey: groupKey(groupLabels),
    groupLabels,
    routeLabels: {},
    alerts,
    reason: reasonOf(alerts),
    at: AT,
    truncatedAlerts: 0,
    ...given,
  }
}

const reasonOf = (alerts: readonly NotifiedAlert[]): Reason =>
  alerts.every(({ endsAt }) => endsAt > 0) ? 'all alerts resolved' : 'first notification'

export const delivery = (given: Partial<Delivery> = {}): Delivery => ({
  idempotencyKey: 'key-1',
  reference: null,
  signal: new AbortController().signal,
  ...given,
})

export const configOf = (given: Omit<z.input<typeof receiverSchema>, 'name'>): ReceiverConfig =>
  receiverSchema.parse({ name: 'ops', ...given })

export const notifyBy = (
  given: Omit<z.input<typeof receiverSchema>, 'name'>,
  externals: Partial<Externals> = {},
) => receiverOf(configOf(given), { ...EXTERNALS, ...externals }).notify
