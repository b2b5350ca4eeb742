import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Redis } from '../redis.ts'
import {
  type Decided,
  NOTHING_DECIDED,
  type Understood,
  rememberingReader,
  understand,
} from './decided.ts'
import { DecisionError } from './decision-error.ts'
import { type Edits, createEdits } from './edits.ts'
import { CHANGES_CHANNEL, createDecisionStore } from './store.ts'
import type { MaintenanceWindow } from './window.ts'

/** What people decided, at hand: kept fresh, and the last that is known while Redis is away. */
export type Decisions = AsyncDisposable &
  Edits & {
    readonly current: Decided
    /** Called after each change of `current`; gives what ends it. */
    onChange(listener: (decided: Decided) => void): () => void
    /** Resolves once `current` has what is in Redis now. Rejects with DecisionError. */
    refresh(): Promise<void>
  }

/** Changes are heard at once; what a lost message told is seen within this. */
const LOOK_MS = 3_000
/** What was changed in Redis without its version, and what is past its keeping. */
const READ_MS = 60_000
const FIRST_READ_MS = 3_000

/** `windows` are those of the configuration. Never rejects: without Redis nothing is decided until it is there. */
export async function openDecisions({
  redis,
  clock,
  log,
  windows = [],
}: {
  redis: Redis
  clock: Pick<Clock, 'now'>
  log: Logger
  windows?: readonly MaintenanceWindow[]
}): Promise<Decisions> {
  const store = createDecisionStore(redis)
  const edits = createEdits({ store, clock })
  const listeners = new Set<(decided: Decided) => void>()
  const readOne = rememberingReader()
  let current: Decided = { ...NOTHING_DECIDED, windows }
  let version: string | null | undefined
  let texts = ''
  let readAt = -Infinity
  let told = false
  let named = new Set<string>()
  let reading: Promise<void> | undefined
  let readAgain = false

  /** One at a time; asked for during one, another follows, which sees what was written meanwhile. */
  function refresh(): Promise<void> {
    if (reading !== undefined) {
      readAgain = true
      return reading
    }
    reading = (async () => {
      do {
        readAgain = false
        await read()
      } while (readAgain)
    })().finally(() => (reading = undefined))
    return reading
  }

  async function read(): Promise<void> {
    const kept = await store.read()
    const understood = understand(kept, clock.now(), readOne)
    readAt = performance.now()
    version = kept.version
    nameCorrupt(understood)
    const next = JSON.stringify(kept.entries)
    if (next !== texts) {
      texts = next
      current = { ...understood.decided, windows: [...windows, ...understood.decided.windows] }
      for (const listener of listeners) listener(current)
    }
    // Last: a Redis that takes no writes (its disk is full) still says what is in force.
    if (understood.over.length > 0) await store.forget(understood.over)
  }

  function nameCorrupt({ corrupt }: Understood): void {
    for (const { kind, id, reason } of corrupt) {
      if (!named.has(`${kind} ${id}`))
        log.error({ kind, id, reason }, 'a decision in Redis makes no sense: it is left out')
    }
    named = new Set(corrupt.map(({ kind, id }) => `${kind} ${id}`))
  }

  async function look(): Promise<void> {
    try {
      const isDue = performance.now() - readAt >= READ_MS
      if (isDue || (await store.version()) !== version) await refresh()
      if (told) log.info('silences, maintenance windows and acknowledgements are read again')
      told = false
    } catch (error) {
      if (!(error instanceof DecisionError)) throw error
      if (!told && !stopping.signal.aborted)
        log.warn(
          { reason: error.message },
          version === undefined
            ? 'silences, maintenance windows and acknowledgements are not known yet'
            : 'silences, maintenance windows and acknowledgements stay as they were last known',
        )
      told = true
    }
  }

  const stopping = new AbortController()
  const lookSoon = (): void => void look()
  const subscriber = redis.duplicate({ autoResubscribe: false })
  subscriber.on('error', () => {}) // told by the first connection
  subscriber.on('ready', () => {
    subscriber.subscribe(CHANGES_CHANNEL).then(lookSoon, () => {})
  })
  subscriber.on('message', () => void refresh().catch(() => {})) // the next look tells
  redis.on('ready', lookSoon)
  subscriber.connect().catch(() => {})

  await whenReady(redis, FIRST_READ_MS)
  await look()
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await delay(LOOK_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      if (!stopping.signal.aborted) await look()
    }
  })()

  /** Whoever decided sees it at once; when that fails, the next look does it. */
  const followed =
    <A extends unknown[], R>(edit: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const result = await edit(...args)
      await refresh().catch(() => {})
      return result
    }

  return {
    putSilence: followed(edits.putSilence),
    expireSilence: followed(edits.expireSilence),
    putWindow: followed(edits.putWindow),
    removeWindow: followed(edits.removeWindow),
    putAcknowledgement: followed(edits.putAcknowledgement),
    removeAcknowledgement: followed(edits.removeAcknowledgement),
    async endAcknowledgements(ended) {
      // Of the many alerts that end few were acknowledged: Redis is asked for those alone.
      const known = new Set(current.acknowledgements.map(({ id }) => id))
      const asked = ended.filter(({ fingerprint }) => known.has(fingerprint))
      if (asked.length === 0) return
      await edits.endAcknowledgements(asked)
      await refresh().catch(() => {})
    },
    log: edits.log,
    get current() {
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      redis.off('ready', lookSoon)
      subscriber.disconnect()
      await looking
      await reading?.catch(() => {})
    },
  }
}

/** Resolves when it is connected, or after `timeoutMs`. */
function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      redis.off('ready', done)
      resolve()
    }
    const timer = setTimeout(done, timeoutMs)
    redis.on('ready', done)
  })
}
