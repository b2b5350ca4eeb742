import type { Logger } from '../../lib/log.ts'

export const DROP_REASONS = [
  'sender',
  'community',
  'malformed',
  'auth',
  'window',
  'overload',
] as const

/**
 * Why a packet was thrown away. `sender`: no device has its source address; `community`: none that this sender may use;
 * `auth`: a v3 user, level, digest or key that isn't this sender's; `window`: v3, old or seen before (RFC 3414 §3.2);
 * `overload`: more than is looked at in a moment.
 */
export type DropReason = (typeof DROP_REASONS)[number]

/** Tells people why traps were dropped: a line a minute for all of them. */
export type News = {
  dropped(reason: DropReason, address: string): void
  flush(now: number): void
}

const EVERY_MS = 60_000

export function createNews(log: Logger): News {
  const dropped = new Map<DropReason, { count: number; first: string }>()
  let flushedAt = Number.NEGATIVE_INFINITY
  return {
    dropped(reason, address) {
      const known = dropped.get(reason)
      if (known === undefined) dropped.set(reason, { count: 1, first: address })
      else known.count++
    },
    flush(now) {
      if (dropped.size === 0 || now - flushedAt < EVERY_MS) return
      flushedAt = now
      log.info(
        Object.fromEntries(
          [...dropped].map(([reason, { count, first }]) => [reason, `${count}, first ${first}`]),
        ),
        'SNMP: traps dropped',
      )
      dropped.clear()
    },
  }
}
