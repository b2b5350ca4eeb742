import { createHash } from 'node:crypto'
import type { Logger } from '../../lib/log.ts'
import type { Redis } from '../../lib/redis.ts'
import { type LogEntry, parseEntry } from './log-entry.ts'

/** The notification log: what was told to whom, kept in Redis so that no restart tells it twice. */
export type NotificationLog = {
  /** All entries of a receiver, by group key. */
  load(receiver: string): Promise<Map<string, LogEntry>>
  /**
   * Kept for 5 days, or `keepMs` if that is longer. Never rejects, and resolves false when Redis didn't take it: the
   * log lives on in memory then, and whoever keeps it saves it again.
   */
  save(receiver: string, groupKey: string, entry: LogEntry, keepMs: number): Promise<boolean>
}

const KEEP_SECONDS = 5 * 86_400
const KEEP_ENDED_SECONDS = 3_600

export function createNotificationLog(redis: Redis, log: Logger): NotificationLog {
  let told = false
  return {
    async load(receiver) {
      const entries = new Map<string, LogEntry>()
      const pattern = `${keyPrefix(receiver)}*`
      for await (const keys of redis.scanStream({ match: pattern, count: 500 }) as AsyncIterable<
        string[]
      >) {
        for (const key of keys) {
          const { group, entry } = await redis.hgetall(key)
          if (group !== undefined && entry !== undefined)
            entries.set(group, parseEntry(entry, group))
        }
      }
      return entries
    },
    async save(receiver, groupKey, entry, keepMs) {
      const key =
        keyPrefix(receiver) + createHash('sha256').update(groupKey).digest('hex').slice(0, 32)
      try {
        const isOver = entry.told.length === 0 && entry.pending === null
        if (isOver && entry.ended.length === 0) await redis.del(key)
        else {
          await redis.hset(key, { group: groupKey, entry: JSON.stringify(entry) })
          const keptSeconds = Math.max(KEEP_SECONDS, Math.ceil(keepMs / 1000))
          await redis.expire(key, isOver ? KEEP_ENDED_SECONDS : keptSeconds)
        }
        told = false
        return true
      } catch (error) {
        if (!told)
          log.warn(
            { reason: (error as Error).message },
            'notification log not saved: a restart now may tell again',
          )
        told = true
        return false
      }
    },
  }
}

const keyPrefix = (receiver: string): string =>
  `wardline:nflog:${Buffer.from(receiver).toString('base64url')}:`
