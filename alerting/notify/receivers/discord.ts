import type { KindConfig } from '../../../lib/config/receivers.ts'
import type { Delivery, Notify } from '../notification.ts'
import { NotifyError } from '../notify-error.ts'
import { type Compose, chatNotify } from './chat.ts'
import type { Externals } from './externals.ts'
import { origin } from './hide.ts'
import { createSend, failureOf } from './http.ts'
import { MARKDOWN, bodyOf, colourOf } from './markup.ts'
import { type Message, cut } from './message.ts'

/** Of an embed's title and description; all embeds together 6,000. */
const MOST_OF_TITLE = 256
const MOST_OF_DESCRIPTION = 4_096

/** A webhook that says which message it made, so that it can be edited; a reference is the id of one. */
export function createDiscord(
  { webhook_url, thread_id, ...http }: KindConfig<'discord'>,
  compose: Compose,
  externals: Externals,
): Notify {
  const send = createSend(http, externals, {
    secrets: [webhook_url],
    secondsToWait: (answer) => fieldOf(answer, 'retry_after'),
  })

  function call(
    { method, path, query }: { method: 'POST' | 'PATCH'; path: string; query: object },
    message: Message,
    { idempotencyKey, signal }: Delivery,
  ): Promise<string> {
    const url = new URL(webhook_url.reveal())
    url.pathname = url.pathname.replace(/\/$/, '') + path
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
    if (thread_id !== undefined) url.searchParams.set('thread_id', thread_id)
    const headers = { 'idempotency-key': idempotencyKey }
    const body = JSON.stringify(payloadOf(message))
    return send({ method, url: url.href, shown: origin(url.href), headers, body }, signal)
  }

  return chatNotify(
    {
      // A webhook can't answer to a message.
      async post(message, _replyTo, delivery) {
        const to = { method: 'POST', path: '', query: { wait: true } } as const
        const id = fieldOf(await call(to, message, delivery), 'id')
        if (typeof id !== 'string') throw failureOf(502, 'answered 200, but not as Discord does')
        return id
      },
      async edit(reference, message, delivery) {
        const path = `/messages/${encodeURIComponent(reference)}`
        try {
          await call({ method: 'PATCH', path, query: {} }, message, delivery)
          return true
        } catch (error) {
          if (!(error instanceof NotifyError) || error.retryable) throw error
          return false
        }
      },
    },
    compose,
  )
}

function payloadOf(message: Message): object {
  const embed = {
    title: cut(MARKDOWN.escape(message.title), MOST_OF_TITLE),
    url: message.link,
    description: bodyOf(message, MARKDOWN, MOST_OF_DESCRIPTION),
    color: colourOf(message),
  }
  // Nobody is named by accident: an alert's text may have an @ in it.
  return { embeds: [embed], allowed_mentions: { parse: [] } }
}

function fieldOf(text: string, name: string): unknown {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null)?.[name]
  } catch {
    return undefined
  }
}
