import type { KindConfig } from '../../../lib/config/receivers.ts'
import type { NotifiedAlert, Notify, Reason } from '../notification.ts'
import { alertBody } from './alert-body.ts'
import type { Externals } from './externals.ts'
import { createSend } from './http.ts'
import { PLAIN, bodyOf } from './markup.ts'
import { type Message, cut } from './message.ts'
import type { Compose } from './chat.ts'
import { createParts } from './parts.ts'

const MOST_OF_MESSAGE = 130
const MOST_OF_DESCRIPTION = 15_000
const MOST_OF_ENTITY = 512

type Settings = KindConfig<'opsgenie'>

/** The Alert API v2: created and closed by an alias of our own. A create that comes again counts on the same alert. */
export function createOpsgenie(
  receiver: string,
  settings: Settings,
  compose: Compose,
  externals: Externals,
): Notify {
  const { api_key, api_url, ...http } = settings
  const send = createSend(http, externals, { secrets: [api_key] })
  const sendParts = createParts(externals, receiver)
  const base = `${api_url.replace(/\/$/, '')}/v2/alerts`

  return async (notification, { idempotencyKey, signal }) => {
    const calls = await Promise.all(
      notification.alerts.map(async (alert) => {
        const message = await compose({ ...notification, alerts: [alert], truncatedAlerts: 0 })
        return callsOf(alert, message, notification.reason, settings, externals)
      }),
    )
    await sendParts(
      idempotencyKey,
      calls.flat(),
      async ({ method, path, payload }) => {
        const url = `${base}${path}`
        const headers = {
          authorization: `GenieKey ${api_key.reveal()}`,
          'idempotency-key': idempotencyKey,
        }
        await send({ method, url, shown: url, headers, body: JSON.stringify(payload) }, signal)
      },
      signal,
    )
  }
}

type Call = { readonly method: 'POST' | 'PUT'; readonly path: string; readonly payload: object }

function callsOf(
  alert: NotifiedAlert,
  message: Message,
  reason: Reason,
  settings: Settings,
  externals: Externals,
): Call[] {
  const { fingerprint, labels, annotations } = alertBody(alert, externals)
  const alias = `wardline-${fingerprint}`
  const path = (what: string): string => `/${alias}/${what}?identifierType=alias`
  if (alert.endsAt !== 0)
    return [
      { method: 'POST', path: path('close'), payload: { source: 'wardline', note: message.title } },
    ]
  const text = cut(message.title, MOST_OF_MESSAGE)
  const description = `${bodyOf(message, PLAIN, MOST_OF_DESCRIPTION - 1_000)}\n${message.link}`
  if (reason === 'updated')
    return [
      { method: 'PUT', path: path('message'), payload: { message: text } },
      { method: 'PUT', path: path('description'), payload: { description } },
    ]
  const payload = {
    message: text,
    alias,
    description,
    source: 'wardline',
    entity: cut(annotations['device_name'] || labels['device'] || '', MOST_OF_ENTITY),
    priority: settings.priorities[labels['severity'] ?? ''] ?? priorityOf(labels['severity']),
    responders: settings.teams.map((name) => ({ name, type: 'team' })),
    tags: settings.tags,
    details: labels,
  }
  return [{ method: 'POST', path: '', payload }]
}

const priorityOf = (severity: string | undefined): string => (severity === 'critical' ? 'P1' : 'P3')
