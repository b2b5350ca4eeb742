import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Redis } from '../../lib/redis.ts'
import { isRefusedWrite } from '../../lib/redis/refusal.ts'
import { writeSnapshot } from '../../lib/redis/snapshot.ts'
import type { RedisWatch } from '../../lib/redis/watch.ts'
import { type LogEntry, emptyEntry, parseEntry } from './log-entry.ts'
import type { FormerLog } from './former-log.ts'
import type { NotificationLog } from './log.ts'

/** For each receiver the life of Redis in which its log is known to be whole. */
const WHOLE = 'wardline:nflog-whole'
const RETRY_MS = 2_000
const WRITE_MS = 5_000
/** So many entries become text in one turn of the event loop. */
const AT_ONCE = 100

export type RememberDeps = {
  readonly inner: NotificationLog
  /** What the process before this one left; null: nothing. */
  readonly former: FormerLog | null
  readonly file: string
  /** Of this term: where another process led since `former` was written, it says nothing any more. */
  readonly token: number
  readonly redis: Redis
  readonly watch: Pick<RedisWatch, 'beat' | 'mark' | 'onLost'>
  /** Told how many entries were. */
  readonly putBack?: (entries: number) => void
  readonly clock: Pick<Clock, 'now'>
  readonly log: Logger
}

type Kept = { readonly entry: LogEntry; readonly keepMs: number }

/**
 * A notification log that outlives what Redis loses: it is known in memory and written again, and a copy is left for the process
 * after this one. What ended since an old file of Redis was written isn't owed again by that file.
 */
export function rememberLog({
  inner,
  former,
  file,
  token,
  redis,
  watch,
  putBack = () => {},
  clock,
  log,
}: RememberDeps): NotificationLog & AsyncDisposable {
  const stopping = new AbortController()
  const memory = new Map<string, Map<string, Kept>>()
  const texts = new WeakMap<LogEntry, string>()
  let isDirty = false
  let isOwed = false
  let working: Promise<void> | null = null

  const tellsOfFormer = former !== null && token <= former.token + 1 ? former : null

  function remember(receiver: string, group: string, kept: Kept): void {
    const entries = memory.get(receiver)
    if (entries === undefined) return
    if (isGone(kept.entry)) entries.delete(group)
    else entries.set(group, kept)
    isDirty = true
  }

  async function load(receiver: string): Promise<Map<string, LogEntry>> {
    const generation = await generationNow()
    const whole = generation === null ? null : await redis.hget(WHOLE, receiver)
    const found = await inner.load(receiver)
    const known = new Map<string, Kept>()
    const isLost = generation !== null && whole !== generation
    if (isLost && tellsOfFormer !== null) restore(receiver, tellsOfFormer, found)
    for (const [group, entry] of found) known.set(group, { entry, keepMs: 0 })
    memory.set(receiver, known)
    isDirty = true
    if (isLost) owe()
    return found
  }

  /** A Redis that takes no writes still says what was told. */
  async function generationNow(): Promise<string | null> {
    try {
      return (await watch.beat()).generation
    } catch (error) {
      if (isRefusedWrite(error)) return null
      throw error
    }
  }

  /** Puts what the former process knew in place of what is older, and takes away what had ended by then. */
  function restore(receiver: string, before: FormerLog, found: Map<string, LogEntry>): void {
    const entries = before.entries.get(receiver) ?? new Map<string, LogEntry>()
    for (const [group, entry] of found)
      if (!entries.has(group) && entry.toldAt <= before.at) found.delete(group)
    for (const [group, entry] of entries) {
      const other = found.get(group)
      if (other === undefined || other.toldAt <= entry.toldAt) found.set(group, entry)
    }
  }

  function owe(): void {
    isOwed = true
    working ??= rewriteUntilDone().finally(() => (working = null))
  }

  async function rewriteUntilDone(): Promise<void> {
    while (isOwed && !stopping.signal.aborted) {
      isOwed = false
      try {
        await rewrite()
      } catch (error) {
        isOwed = true
        log.debug({ reason: (error as Error).message }, 'the notification log is not written yet')
        await delay(RETRY_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      }
    }
  }

  async function rewrite(): Promise<void> {
    const generation = await generationNow()
    let count = 0
    for (const receiver of memory.keys()) {
      const found = await inner.load(receiver)
      for (const group of found.keys())
        if (memory.get(receiver)?.has(group) !== true)
          await save(receiver, group, { entry: emptyEntry({}, group), keepMs: 0 })
      for (const group of Array.from(memory.get(receiver)?.keys() ?? [])) {
        // As it is by now: it may have changed since this began.
        const kept = memory.get(receiver)?.get(group)
        if (kept === undefined || isSame(group, kept.entry, found.get(group))) continue
        await save(receiver, group, kept)
        count++
      }
      if (generation !== null) await redis.hset(WHOLE, receiver, generation)
    }
    if (count > 0) log.warn({ entries: count }, 'the notification log is written to Redis again')
    if (count > 0) putBack(count)
  }

  async function save(receiver: string, group: string, { entry, keepMs }: Kept): Promise<void> {
    if (stopping.signal.aborted) throw new Error('alerting stops')
    if (!(await inner.save(receiver, group, entry, keepMs)))
      throw new Error('Redis did not take it')
  }

  async function writeCopy(): Promise<void> {
    const { mark } = watch
    if (!isDirty || mark === null) return
    isDirty = false
    const lines: string[] = []
    for (const [receiver, entries] of memory) {
      for (const [group, { entry }] of entries) {
        if (lines.length % AT_ONCE === AT_ONCE - 1) await nextTurn()
        const text = texts.get(entry) ?? JSON.stringify(entry)
        texts.set(entry, text)
        lines.push(JSON.stringify([receiver, group, text]))
      }
    }
    const head = JSON.stringify({ mark, token, at: clock.now() }).slice(1, -1)
    await writeSnapshot(file, `{${head},"entries":[${lines.join(',')}]}`).catch(
      (error: unknown) => {
        log.debug({ reason: (error as Error).message }, 'no copy of the notification log is kept')
      },
    )
  }

  // Behind a new connection may be a Redis that lacks less than was noticed.
  redis.on('ready', owe)
  const stop = watch.onLost(owe)
  const copying = (async () => {
    while (!stopping.signal.aborted) {
      await delay(WRITE_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      await writeCopy()
    }
  })()

  return {
    load,
    save(receiver, group, entry, keepMs) {
      remember(receiver, group, { entry, keepMs })
      return inner.save(receiver, group, entry, keepMs)
    },
    async [Symbol.asyncDispose]() {
      stop()
      redis.off('ready', owe)
      stopping.abort()
      await working
      await copying
      await writeCopy()
    },
  }
}

/** Whether Redis has the entry as it is here. */
function isSame(group: string, entry: LogEntry, found: LogEntry | undefined): boolean {
  if (found === undefined) return false
  const read = parseEntry(JSON.stringify(entry), group)
  return JSON.stringify(read) === JSON.stringify(found)
}

const isGone = ({ told, pending, ended }: LogEntry): boolean =>
  told.length === 0 && pending === null && ended.length === 0
