import { alertKey } from '../../alerting/alert.ts'
import { groupKey } from '../../alerting/notify/group-key.ts'
import type { Notification, NotifiedAlert } from '../../alerting/notify/notification.ts'
import { NotifyError } from '../../alerting/notify/notify-error.ts'
import { type Exchange, receiverOf } from '../../alerting/notify/receivers/index.ts'
import { didYouMean } from '../../lib/config/nearest.ts'
import { kindOf } from '../../lib/config/receivers.ts'
import type { Config } from '../../lib/config/schema.ts'
import { createEgress } from '../../lib/egress/egress.ts'
import { formatDuration } from '../../lib/duration.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Output } from '../output.ts'
import { placeOf } from './place.ts'

export type NotifyTestOptions = { readonly problem?: boolean; readonly resolve?: boolean }

/**
 * `wardline notify test <receiver>`: sends a marked problem and its resolution, as alerting would, and shows what came
 * back. Nothing is tried twice, and no log is kept. Gives the exit code: 1 when something wasn't taken.
 */
export async function testReceiver(
  { receivers, alerting, egress }: Config,
  name: string,
  options: NotifyTestOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const config = receivers.find((receiver) => receiver.name === name)
  if (config === undefined) {
    const names = receivers.map((receiver) => receiver.name)
    throw new StartError(
      names.length === 0
        ? `${name}: the configuration has no receivers (docs/receivers.md)`
        : `${name}: no such receiver${didYouMean(name, names) || `, expected one of ${names.join(', ')}`}`,
    )
  }
  const receiver = receiverOf(config, {
    externalUrl: alerting.external_url,
    externalLabels: alerting.external_labels,
    egress: createEgress(egress),
    trace: (exchange) => output.print(`  ${exchangeText(exchange)}`),
  })
  output.print(`${name}: ${kindOf(config).kind}, ${placeOf(config)}`)
  const now = Date.now()
  const steps = [
    ...(options.resolve === true ? [] : [problem(now)]),
    ...(options.problem === true ? [] : [resolution(now)]),
  ]
  let reference: string | null = null
  for (const { word, notification } of steps) {
    output.print(`${word}:`)
    const idempotencyKey = `wardline-test-${word}-${now}`
    const startedAt = performance.now()
    try {
      const given = await receiver.notify(notification, { idempotencyKey, reference, signal })
      reference = given ?? null
    } catch (error) {
      if (!(error instanceof NotifyError)) throw error
      output.error(failureText(word, error))
      return 1
    }
    output.print(`  taken after ${Math.round(performance.now() - startedAt)} ms`)
  }
  return 0
}

const exchangeText = ({ what, bytes, ms, answer }: Exchange): string =>
  `${what}, ${bytes} bytes: ${answer.replaceAll(/\s+/g, ' ')} (${Math.round(ms)} ms)`

function failureText(word: string, { message, retryable, retryAfterMs }: NotifyError): string {
  const wait = retryAfterMs === undefined ? '' : ` after ${formatDuration(retryAfterMs)}`
  const then = retryable
    ? `alerting would try again${wait}`
    : 'alerting would not try this message again: mend the configuration of the receiver'
  return `the ${word} was not taken: ${message}; ${then}`
}

type Step = { readonly word: 'problem' | 'resolution'; readonly notification: Notification }

const problem = (now: number): Step => ({
  word: 'problem',
  notification: notificationOf({ ...testAlert(now), endsAt: 0 }, 'first notification', now),
})

const resolution = (now: number): Step => ({
  word: 'resolution',
  notification: notificationOf({ ...testAlert(now), endsAt: now }, 'all alerts resolved', now),
})

function notificationOf(
  alert: NotifiedAlert,
  reason: Notification['reason'],
  at: number,
): Notification {
  const groupLabels = { alertname: 'WardlineTest', device: 'wardline-test' }
  return {
    groupKey: groupKey(groupLabels),
    groupLabels,
    routeLabels: {},
    alerts: [alert],
    reason,
    at,
    truncatedAlerts: 0,
  }
}

/** The same labels whenever it is sent: a resolution ends the problem of an earlier test. */
function testAlert(now: number): Omit<NotifiedAlert, 'endsAt'> {
  const labels = {
    alertname: 'WardlineTest',
    alertgroup: 'test',
    severity: 'info',
    device: 'wardline-test',
    test: 'true',
  }
  return {
    key: alertKey(labels),
    groupId: '0',
    ruleId: '0',
    labels,
    annotations: {
      summary: 'Test of wardline: nothing is down',
      description: 'Somebody ran `wardline notify test`. There is nothing to do.',
    },
    value: 1,
    activeAt: now - 60_000,
    startsAt: now - 60_000,
    revision: '',
  }
}
