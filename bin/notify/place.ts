import { origin } from '../../alerting/notify/receivers/hide.ts'
import { type ReceiverConfig, kindOf } from '../../lib/config/receivers.ts'

/** Where a receiver is, as far as it is no secret. */
export function placeOf(receiver: ReceiverConfig): string {
  const { kind, settings } = kindOf(receiver)
  switch (kind) {
    case 'webhook':
      return origin(settings.url)
    case 'alertmanager':
      return settings.urls.map(origin).join(', ')
    case 'slack':
      return settings.webhook_url === undefined
        ? `${settings.channel ?? ''} by ${settings.api_url}`
        : origin(settings.webhook_url.reveal())
    case 'teams':
    case 'discord':
      return origin(settings.webhook_url.reveal())
    case 'telegram':
      return `${settings.chat_id} by ${settings.api_url}`
    case 'pagerduty':
    case 'opsgenie':
      return settings.api_url
    case 'email':
      return `${settings.to.join(', ')} by ${settings.host}`
  }
}
