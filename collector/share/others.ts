import { z } from 'zod'
import type { Redis } from '../../lib/redis.ts'
import { CHANNELS } from '../../lib/service.ts'

/**
 * What the collector of a device is asked to do at once, and why. `cause`: something behind the device fell silent.
 * `above`: something behind it answers, so it may be back. `behind`: what it is reached through answers. `trap`: it sent one.
 */
export type Ask = { readonly device: string; readonly as: AskedAs }
export type AskedAs = (typeof REASONS)[number]

const REASONS = ['cause', 'above', 'behind', 'trap'] as const

/** The collectors of the same site, who probe the other devices. Losing a word of it costs an interval at most. */
export type Others = {
  ask(asks: readonly Ask[]): void
  /** Calls back for asks about any device. */
  onAsk(listener: (ask: Ask) => void): () => void
}

/** In one message: what falls silent beyond that is a site that is cut off, whose parents have been asked long since. */
const MOST_ASKS = 5_000

const messageSchema = z.object({
  site: z.string(),
  from: z.string(),
  asks: z.array(z.object({ device: z.string(), as: z.enum(REASONS) })).max(MOST_ASKS),
})

/** Hears of them until disposed. */
export function listenToOthers({
  redis,
  site,
  name,
  changed,
}: {
  redis: Redis
  site: string
  name: string
  /** One came or went. */
  changed: () => void
}): Others & Disposable {
  const listeners = new Set<(ask: Ask) => void>()
  const subscriber = redis.duplicate()
  subscriber.on('error', () => {}) // told by the shared connection; without hints a change is seen at the next beat
  subscriber.on('message', (channel, text) => {
    if (channel === CHANNELS.members) return changed()
    const message = readMessage(text)
    if (message === null || message.site !== site || message.from === name) return
    for (const ask of message.asks) for (const listener of listeners) listener(ask)
  })
  subscriber.on(
    'ready',
    () => void subscriber.subscribe(CHANNELS.members, CHANNELS.asks).catch(() => {}),
  )
  subscriber.connect().catch(() => {})

  return {
    ask(asks) {
      if (asks.length === 0) return
      const message = { site, from: name, asks: asks.slice(0, MOST_ASKS) }
      redis.publish(CHANNELS.asks, JSON.stringify(message)).catch(() => {})
    },
    onAsk(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    [Symbol.dispose]: () => subscriber.disconnect(),
  }
}

/** Null for what isn't understood: a collector of another version may say more. */
function readMessage(text: string): z.output<typeof messageSchema> | null {
  try {
    return messageSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}
