import { problemKey } from '../../../../alerting/backtest/told.ts'
import type { Message } from '../../../../alerting/backtest/world.ts'
import type { NotifiedAlert, Reason } from '../../../../alerting/notify/notification.ts'
import type { Labels } from '../../../../lib/labels.ts'

export const notified = (
  labels: Labels,
  startsAt: number,
  given: Partial<NotifiedAlert> = {},
): NotifiedAlert => ({
  key: problemKey(labels),
  groupId: '',
  ruleId: '',
  labels,
  annotations: {},
  value: 1,
  activeAt: startsAt,
  startsAt,
  revision: '',
  endsAt: 0,
  ...given,
})

export function message(
  at: number,
  reason: Reason,
  alerts: readonly NotifiedAlert[],
  given: { fresh?: readonly NotifiedAlert[]; receiver?: string } = {},
): Message {
  const { fresh = alerts.filter(({ endsAt }) => endsAt === 0), receiver = 'ops' } = given
  const notification = {
    groupKey: '{}:{}',
    groupLabels: {},
    routeLabels: {},
    alerts,
    reason,
    at,
    truncatedAlerts: 0,
  }
  return { at, receiver, notification, fresh }
}
