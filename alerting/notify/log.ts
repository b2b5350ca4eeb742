import { createHash } from 'node:crypto'
import { ALERTING_LEASE } from '../../lib/lease.ts'
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

/** Whose log it is: writes of a term before the newest are refused. */
export type LogFence = {
  readonly token: number
  /** Called when one was: a newer term has begun. */
  readonly refused: (why: string) => void
}

const KEEP_SECONDS = 5 * 86_400
const KEEP_ENDED_SECONDS = 3_600

// KEYS: entry, highest token. ARGV: token ('' for none), group, entry ('' to take it away), seconds to keep it. A Redis that
// was away or emptied may not know the newest token yet: it learns it with the first write.
const SAVE = `
if ARGV[1] ~= '' then
  local highest = tonumber(redis.call('GET', KEYS[2]) or '0')
  if tonumber(ARGV[1]) < highest then return 0 end
  if tonumber(ARGV[1]) > highest then redis.call('SET', KEYS[2], ARGV[1]) end
end
if ARGV[3] == '' then redis.call('DEL', KEYS[1]) return 1 end
redis.call('HSET', KEYS[1], 'group', ARGV[2], 'entry', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
`

/** Without a fence whoever writes last is right: for one instance alone. */
export function createNotificationLog(
  redis: Redis,
  log: Logger,
  fence?: LogFence,
): NotificationLog {
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
      const isOver = entry.told.length === 0 && entry.pending === null
      const isGone = isOver && entry.ended.length === 0
      const keptSeconds = Math.max(KEEP_SECONDS, Math.ceil(keepMs / 1000))
      try {
        const taken = await redis.eval(
          SAVE,
          2,
          key,
          ALERTING_LEASE.token,
          fence?.token ?? '',
          groupKey,
          isGone ? '' : JSON.stringify(entry),
          isOver ? KEEP_ENDED_SECONDS : keptSeconds,
        )
        told = false
        if (taken === 1) return true
        fence?.refused('the notification log is written by a newer term')
        return false
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
