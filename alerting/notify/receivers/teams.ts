import type { KindConfig } from '../../../lib/config/receivers.ts'
import type { Notify } from '../notification.ts'
import type { Compose } from './chat.ts'
import type { Externals } from './externals.ts'
import { origin } from './hide.ts'
import { createSend } from './http.ts'
import { PLAIN, bodyOf } from './markup.ts'
import type { Message } from './message.ts'

/** Teams takes 28 KB in a message: this many characters are less in any script. */
const MOST = 5_000

/** An Adaptive Card to a workflow's webhook. */
export function createTeams(
  { webhook_url, ...http }: KindConfig<'teams'>,
  compose: Compose,
  externals: Externals,
): Notify {
  const send = createSend(http, externals, { secrets: [webhook_url] })
  const url = webhook_url.reveal()
  return async (notification, { idempotencyKey, signal }) => {
    const body = JSON.stringify(cardOf(await compose(notification)))
    const headers = { 'idempotency-key': idempotencyKey }
    await send({ url, shown: origin(url), headers, body }, signal)
  }
}

function cardOf(message: Message): object {
  const title = {
    type: 'Container',
    style: styleOf(message),
    bleed: true,
    items: [line(message.title, { weight: 'Bolder', size: 'Medium' })],
  }
  const lines = bodyOf(message, PLAIN, MOST).split('\n')
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: message.title,
    msteams: { width: 'Full' },
    body: [title, ...lines.map((text) => ({ ...line(text === '' ? ' ' : text), spacing: 'None' }))],
    actions: [{ type: 'Action.OpenUrl', title: 'Open in wardline', url: message.link }],
  }
  return {
    type: 'message',
    attachments: [
      { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content },
    ],
  }
}

/** A TextBlock would take underscores in a name for markup; this takes text as it is. */
const line = (text: string, style: object = {}): object => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text, ...style }],
})

function styleOf({ isResolved, severity }: Message): string {
  if (isResolved) return 'good'
  return severity === 'critical' || severity === 'error' ? 'attention' : 'warning'
}
