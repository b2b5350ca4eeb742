import type { KindConfig } from '../../../lib/config/receivers.ts'
import { Secret } from '../../../lib/secret.ts'
import type { Delivery, Notify } from '../notification.ts'
import type { NotifyError } from '../notify-error.ts'
import { type Compose, chatNotify } from './chat.ts'
import type { Externals } from './externals.ts'
import { origin } from './hide.ts'
import { type Send, createSend, failureOf } from './http.ts'
import { MRKDWN, bodyOf, colourOf } from './markup.ts'
import type { Message } from './message.ts'

type Settings = KindConfig<'slack'>

/** An incoming webhook, or a bot that edits its messages. */
export function createSlack(settings: Settings, compose: Compose, externals: Externals): Notify {
  const { webhook_url, bot_token, channel = '', api_url } = settings
  const send = createSend(settings, externals, { secrets: [webhook_url, bot_token] })
  if (webhook_url !== undefined) return incomingWebhook(webhook_url, send, compose)
  return bot({ token: bot_token ?? new Secret(''), channel, apiUrl: api_url }, send, compose)
}

function incomingWebhook(webhookUrl: Secret, send: Send, compose: Compose): Notify {
  const url = webhookUrl.reveal()
  return async (notification, { idempotencyKey, signal }) => {
    const body = JSON.stringify(payloadOf(await compose(notification)))
    const headers = { 'idempotency-key': idempotencyKey }
    await send({ url, shown: origin(url), headers, body }, signal)
  }
}

type Bot = { readonly token: Secret; readonly channel: string; readonly apiUrl: string }

/** A reference is `<channel id>:<ts>`: chat.update wants the id, where a name was enough to post. */
function bot({ token, channel, apiUrl }: Bot, send: Send, compose: Compose): Notify {
  async function call(
    method: 'chat.postMessage' | 'chat.update',
    payload: object,
    { idempotencyKey, signal }: Delivery,
  ): Promise<SlackAnswer> {
    const url = `${apiUrl.replace(/\/$/, '')}/${method}`
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      authorization: `Bearer ${token.reveal()}`,
      'idempotency-key': idempotencyKey,
    }
    const answer = await send({ url, shown: url, headers, body: JSON.stringify(payload) }, signal)
    return parseAnswer(answer)
  }

  return chatNotify(
    {
      async post(message, replyTo, delivery) {
        const [replyChannel = '', ts = ''] = replyTo?.split(':') ?? []
        const place =
          replyTo === null
            ? { channel }
            : { channel: replyChannel, thread_ts: ts, reply_broadcast: true }
        const answer = await call('chat.postMessage', { ...place, ...payloadOf(message) }, delivery)
        if (!answer.ok) throw failureIn(answer.error)
        return `${answer.channel}:${answer.ts}`
      },
      async edit(reference, message, delivery) {
        const [editChannel = '', ts = ''] = reference.split(':')
        const payload = { channel: editChannel, ts, ...payloadOf(message) }
        const answer = await call('chat.update', payload, delivery)
        if (answer.ok) return true
        const failure = failureIn(answer.error)
        if (failure.retryable) throw failure
        // Deleted, too old, or in a channel that is gone or isn't ours any more: it can be posted all the same.
        return false
      },
    },
    compose,
  )
}

/** The text is what a notification on a phone shows; Slack takes 3,000 characters in a section. */
function payloadOf(message: Message): object {
  const title = MRKDWN.strong(MRKDWN.link(MRKDWN.escape(message.title), message.link))
  const body = bodyOf(message, MRKDWN, 3_000)
  const color = `#${colourOf(message).toString(16).padStart(6, '0')}`
  const section = { type: 'section', text: { type: 'mrkdwn', text: body } }
  return { text: title, attachments: body === '' ? [] : [{ color, blocks: [section] }] }
}

type SlackAnswer =
  | { readonly ok: true; readonly channel: string; readonly ts: string }
  | { readonly ok: false; readonly error: string }

function parseAnswer(text: string): SlackAnswer {
  try {
    const { ok, error, channel, ts } = JSON.parse(text) as Record<string, unknown>
    if (ok === true) return { ok, channel: String(channel), ts: String(ts) }
    if (typeof error === 'string') return { ok: false, error }
  } catch {
    // a proxy's page in its place
  }
  throw failureOf(502, 'answered 200, but not as Slack does')
}

/** Slack answers 200 whatever happened, and names what. */
const TROUBLE: Readonly<Record<string, number>> = {
  ratelimited: 429,
  rate_limited: 429,
  message_limit_exceeded: 429,
  service_unavailable: 503,
  internal_error: 500,
  fatal_error: 500,
  request_timeout: 408,
  invalid_auth: 401,
  not_authed: 401,
  account_inactive: 401,
  token_expired: 401,
  token_revoked: 401,
  missing_scope: 403,
  not_in_channel: 403,
}

const failureIn = (error: string): NotifyError =>
  failureOf(TROUBLE[error] ?? 400, `answered ${error}`)
