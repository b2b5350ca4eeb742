import type { KindConfig } from '../../../lib/config/receivers.ts'
import type { NotifiedAlert, Notification, Notify } from '../notification.ts'
import { alertBody } from './alert-body.ts'
import type { Externals } from './externals.ts'
import { createSend } from './http.ts'
import { type Item, cut } from './message.ts'
import type { Compose } from './chat.ts'
import { createParts } from './parts.ts'

/** PagerDuty refuses a longer one. */
const MOST_OF_SUMMARY = 1_024

type Settings = KindConfig<'pagerduty'>

/** Events API v2: an incident for each alert, ended with it. The same event again changes nothing. */
export function createPagerDuty(
  receiver: string,
  settings: Settings,
  compose: Compose,
  externals: Externals,
): Notify {
  const { routing_key, api_url, ...http } = settings
  const send = createSend(http, externals, { secrets: [routing_key] })
  const sendParts = createParts(externals, receiver)
  const url = `${api_url.replace(/\/$/, '')}/v2/enqueue`

  return async (notification, { idempotencyKey, signal }) => {
    const events = await eventsOf(notification, settings, compose, externals)
    await sendParts(
      idempotencyKey,
      events,
      async (event) => {
        const body = JSON.stringify({ routing_key: routing_key.reveal(), ...event })
        const headers = { 'idempotency-key': `${idempotencyKey}/${event.dedup_key}` }
        await send({ url, shown: url, headers, body }, signal)
      },
      signal,
    )
  }
}

type PagerDutyEvent = { readonly event_action: string; readonly dedup_key: string }

function eventsOf(
  notification: Notification,
  settings: Settings,
  compose: Compose,
  externals: Externals,
): Promise<(PagerDutyEvent & object)[]> {
  return Promise.all(
    notification.alerts.map(async (alert) => {
      const { fingerprint, labels, annotations } = alertBody(alert, externals)
      const isResolved = alert.endsAt !== 0
      const event = {
        event_action: isResolved ? 'resolve' : 'trigger',
        dedup_key: `wardline/${fingerprint}`,
      }
      if (isResolved) return event
      const message = await compose({ ...notification, alerts: [alert], truncatedAlerts: 0 })
      return {
        ...event,
        client: 'wardline',
        client_url: message.link,
        links: [{ href: message.link, text: 'Open in wardline' }],
        payload: {
          summary: cut(message.title, MOST_OF_SUMMARY),
          source: annotations['device_name'] || labels['device'] || 'wardline',
          severity: severityOf(alert, settings),
          timestamp: new Date(alert.activeAt).toISOString(),
          component: annotations['address'] || undefined,
          group: labels['branch'],
          class: labels['alertname'],
          custom_details: { details: detailsOf(message.text, message.items), ...labels },
        },
      }
    }),
  )
}

const detailsOf = (text: string | null, items: readonly Item[]): string =>
  text ?? items.flatMap(({ lines }) => lines).join('\n')

const KNOWN = ['critical', 'error', 'warning', 'info']

function severityOf({ labels }: NotifiedAlert, { severities }: Settings): string {
  const severity = labels['severity'] ?? ''
  return severities[severity] ?? (KNOWN.includes(severity) ? severity : 'error')
}
