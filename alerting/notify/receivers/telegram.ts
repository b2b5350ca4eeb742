import type { KindConfig } from '../../../lib/config/receivers.ts'
import type { Delivery, Notify } from '../notification.ts'
import { NotifyError } from '../notify-error.ts'
import { type Compose, chatNotify } from './chat.ts'
import type { Externals } from './externals.ts'
import { createSend, failureOf } from './http.ts'
import { HTML, bodyOf } from './markup.ts'
import type { Message } from './message.ts'

const MOST = 4_096

/** A bot's messages; a reference is `<chat id>:<message id>`: the ids of another chat are other messages. */
export function createTelegram(
  { bot_token, chat_id, thread_id, api_url, ...http }: KindConfig<'telegram'>,
  compose: Compose,
  externals: Externals,
): Notify {
  const send = createSend(http, externals, {
    secrets: [bot_token],
    secondsToWait: (answer) => parseAnswer(answer)?.parameters?.retry_after,
  })

  async function call(
    method: 'sendMessage' | 'editMessageText',
    place: object,
    message: Message,
    { idempotencyKey, signal }: Delivery,
  ): Promise<string> {
    const base = api_url.replace(/\/$/, '')
    const answer = await send(
      {
        url: `${base}/bot${bot_token.reveal()}/${method}`,
        shown: `${base}/bot<secret>/${method}`,
        headers: { 'idempotency-key': idempotencyKey },
        body: JSON.stringify({ chat_id, ...place, ...payloadOf(message) }),
      },
      signal,
    )
    const id = parseAnswer(answer)?.result?.message_id
    if (id === undefined) throw failureOf(502, 'answered 200, but not as Telegram does')
    return `${chat_id}:${id}`
  }

  /** Undefined for a message of the chat that was configured before. */
  function messageIn(reference: string): number | undefined {
    const start = `${chat_id}:`
    return reference.startsWith(start) ? Number(reference.slice(start.length)) : undefined
  }

  return chatNotify(
    {
      post(message, replyTo, delivery) {
        const thread = thread_id === undefined ? {} : { message_thread_id: thread_id }
        const reply =
          replyTo === null
            ? {}
            : {
                reply_parameters: {
                  message_id: messageIn(replyTo),
                  allow_sending_without_reply: true,
                },
              }
        return call('sendMessage', { ...thread, ...reply }, message, delivery)
      },
      async edit(reference, message, delivery) {
        const messageId = messageIn(reference)
        if (messageId === undefined) return false
        try {
          await call('editMessageText', { message_id: messageId }, message, delivery)
          return true
        } catch (error) {
          // Its only way to say that a message is as it should be, or can't be changed any more.
          if (!(error instanceof NotifyError) || error.retryable) throw error
          return error.message.includes('message is not modified')
        }
      },
    },
    compose,
  )
}

function payloadOf(message: Message): object {
  const title = HTML.strong(HTML.link(HTML.escape(message.title), message.link))
  const head = `${symbolOf(message)} ${title}`
  const body = bodyOf(message, HTML, MOST - head.length - 2)
  return {
    text: body === '' ? head : `${head}\n\n${body}`,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  }
}

const symbolOf = ({ isResolved, severity }: Message): string =>
  isResolved ? '🟢' : severity === 'critical' || severity === 'error' ? '🔴' : '🟠'

type TelegramAnswer = {
  readonly result?: { readonly message_id?: number }
  readonly parameters?: { readonly retry_after?: number }
}

function parseAnswer(text: string): TelegramAnswer | null {
  try {
    return JSON.parse(text) as TelegramAnswer | null
  } catch {
    return null
  }
}
