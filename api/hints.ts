import { once } from 'node:events'
import { CHANNELS, type ServiceDeps } from '../lib/service.ts'

/**
 * Calls back whenever alerting says that a status changed; returns once the signal aborted. It needs a connection
 * of its own. Without Redis nothing is lost but the hint: the view is refreshed every second anyway.
 */
export async function listenForHints(
  redis: ServiceDeps['redis'],
  hinted: () => void,
  signal: AbortSignal,
): Promise<void> {
  const subscriber = redis.duplicate()
  subscriber.on('error', () => {}) // told by the connection that it was made from
  subscriber.on('message', hinted)
  // Once subscribed, a restored connection subscribes again by itself; this is for the first one.
  subscriber.on('ready', () => void subscriber.subscribe(CHANNELS.statuses).catch(() => {}))
  subscriber.connect().catch(() => {}) // retried by the strategy
  if (!signal.aborted) await once(signal, 'abort')
  subscriber.disconnect()
}
