import { createHmac } from 'node:crypto'
import { request } from 'undici'
import type { Labels } from '../../lib/labels.ts'
import type { Secret } from '../../lib/secret.ts'
import { takeCredentials } from '../../lib/url-credentials.ts'
import { fingerprint } from './fingerprint.ts'
import type { NotifiedAlert, Notification } from './notification.ts'
import { NotifyError, type NotifyReason } from './notify-error.ts'

export type Webhook = {
  readonly url: string
  readonly timeoutMs: number
  readonly secret: Secret | undefined
}

/** Alertmanager's webhook body, version 4, as its receivers read it. */
export function webhookBody(
  { alerts, groupKey, groupLabels, routeLabels, reason, truncatedAlerts }: Notification,
  receiver: string,
  { externalUrl, externalLabels }: { externalUrl: string; externalLabels: Labels },
): Record<string, unknown> {
  const told = alerts.map((alert) => webhookAlert(alert, externalUrl, externalLabels))
  return {
    receiver,
    status: alerts.some(({ endsAt }) => endsAt === 0) ? 'firing' : 'resolved',
    alerts: told,
    notification_reason: reason,
    groupLabels,
    commonLabels: common(told.map(({ labels }) => labels)),
    commonAnnotations: common(told.map(({ annotations }) => annotations)),
    routeLabels,
    externalURL: externalUrl,
    version: '4',
    groupKey,
    truncatedAlerts,
  }
}

/**
 * Hands one body over; user info in the URL is sent as a Basic header. Resolves when the receiver answered 2xx; rejects
 * with NotifyError, or the signal's reason.
 */
export async function postWebhook(
  { url, timeoutMs, secret }: Webhook,
  body: string,
  idempotencyKey: string,
  signal: AbortSignal,
): Promise<void> {
  const target = takeCredentials(url)
  const timeout = AbortSignal.timeout(timeoutMs)
  let status: number
  let answer = ''
  try {
    const response = await request(target.url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'wardline',
        'idempotency-key': idempotencyKey,
        ...(target.authorization === undefined ? {} : { authorization: target.authorization }),
        ...(secret === undefined ? {} : signature(secret, body)),
      },
      signal: AbortSignal.any([signal, timeout]),
    })
    status = response.statusCode
    answer = (await response.body.text()).slice(0, 200)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const why = timeout.aborted ? `no answer within ${timeoutMs} ms` : (error as Error).message
    throw new NotifyError(why, {
      retryable: true,
      reason: timeout.aborted ? 'timeout' : 'unreachable',
      cause: error,
    })
  }
  if (status >= 200 && status < 300) return
  throw new NotifyError(`answered ${status} ${answer}`.trim(), {
    retryable: status >= 500 || status === 429 || status === 408,
    reason: reasonOf(status),
  })
}

function reasonOf(status: number): NotifyReason {
  if (status === 429 || status === 503) return 'overloaded'
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 408) return 'timeout'
  return status >= 500 ? 'failed' : 'refused'
}

/** HMAC-SHA256 over `timestamp:body`, so that a body can't be replayed later under its old signature. */
function signature(secret: Secret, body: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const digest = createHmac('sha256', secret.reveal()).update(`${timestamp}:${body}`).digest('hex')
  return { 'x-wardline-timestamp': timestamp, 'x-wardline-signature': digest }
}

type WebhookAlert = { readonly labels: Labels; readonly annotations: Labels }

function webhookAlert(
  { labels, annotations, startsAt, endsAt }: NotifiedAlert,
  externalUrl: string,
  externalLabels: Labels,
): WebhookAlert & Record<string, unknown> {
  const all = { ...externalLabels, ...labels }
  const device = labels['device']
  return {
    status: endsAt === 0 ? 'firing' : 'resolved',
    labels: all,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: endsAt === 0 ? '0001-01-01T00:00:00Z' : new Date(endsAt).toISOString(),
    generatorURL:
      device === undefined ? externalUrl : `${externalUrl}/?device=${encodeURIComponent(device)}`,
    fingerprint: fingerprint(all),
  }
}

function common(sets: readonly Labels[]): Labels {
  const [first = {}, ...others] = sets
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  )
}
