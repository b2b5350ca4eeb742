import { createHmac } from 'node:crypto'
import { systemClock } from '../../../lib/clock.ts'
import type { KindConfig } from '../../../lib/config/receivers.ts'
import type { Labels } from '../../../lib/labels.ts'
import { Secret } from '../../../lib/secret.ts'
import { takeCredentials } from '../../../lib/url-credentials.ts'
import type { Notification, Notify } from '../notification.ts'
import { alertBody } from './alert-body.ts'
import { ownHeaders, ownSecrets } from './authorization.ts'
import type { Externals } from './externals.ts'
import { origin } from './hide.ts'
import { createSend } from './http.ts'

/** A POST of Alertmanager's webhook body; user info in the URL is sent as a Basic header. */
export function createWebhook(
  receiver: string,
  settings: KindConfig<'webhook'>,
  externals: Externals,
): Notify {
  const { url, authorization } = takeCredentials(settings.url)
  const send = createSend(settings, externals, {
    secrets: [settings.secret, new Secret(url), new Secret(settings.url), ...ownSecrets(settings)],
  })
  const headers = {
    ...(authorization === undefined ? {} : { authorization }),
    ...ownHeaders(settings),
  }
  const { clock = systemClock } = externals

  return async (notification, { idempotencyKey, term, signal }) => {
    const body = JSON.stringify(webhookBody(notification, receiver, externals))
    const signature = signed(settings, body, clock.now())
    await send(
      {
        url,
        shown: origin(url),
        headers: {
          ...headers,
          ...signature,
          'idempotency-key': idempotencyKey,
          ...(term === undefined ? {} : { 'x-wardline-term': String(term) }),
        },
        body,
      },
      signal,
    )
  }
}

/** Alertmanager's webhook body, version 4, as its receivers read it. */
export function webhookBody(
  { alerts, groupKey, groupLabels, routeLabels, reason, truncatedAlerts }: Notification,
  receiver: string,
  externals: Pick<Externals, 'externalUrl' | 'externalLabels'>,
): Record<string, unknown> {
  const told = alerts.map((alert) => alertBody(alert, externals))
  return {
    receiver,
    status: alerts.some(({ endsAt }) => endsAt === 0) ? 'firing' : 'resolved',
    alerts: told,
    notification_reason: reason,
    groupLabels,
    commonLabels: common(told.map(({ labels }) => labels)),
    commonAnnotations: common(told.map(({ annotations }) => annotations)),
    routeLabels,
    externalURL: externals.externalUrl,
    version: '4',
    groupKey,
    truncatedAlerts,
  }
}

/** HMAC-SHA256 over `timestamp:body`, so that a body can't be replayed later under its old signature. */
function signed(
  { secret, signature_header, timestamp_header }: KindConfig<'webhook'>,
  body: string,
  now: number,
): Record<string, string> {
  if (secret === undefined) return {}
  const timestamp = String(Math.floor(now / 1000))
  const digest = createHmac('sha256', secret.reveal()).update(`${timestamp}:${body}`).digest('hex')
  return {
    [timestamp_header.toLowerCase()]: timestamp,
    [signature_header.toLowerCase()]: digest,
  }
}

/** What all have, with the same value. */
export function common(sets: readonly Labels[]): Labels {
  const [first = {}, ...others] = sets
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)),
  )
}
