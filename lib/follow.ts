import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from './redis.ts'

/** What is kept in Redis and changed by several processes: how it is read, and what tells of its changes. */
export type Subject = {
  readonly redis: Redis
  /** A message for each change, whose content says nothing: it is read again. */
  readonly channel: string
  /** Grows with each change; null when there was none yet. */
  version(): Promise<string | null>
  /** Reads all of it. `reached` is called with the version as soon as that is known, whatever goes wrong after. */
  read(reached: (version: string | null) => void): Promise<void>
  /** True for what a Redis that can't be asked throws; anything else is a fault. */
  isAway(error: unknown): error is Error
  /** Redis can't be asked: told once, until it can again. */
  away(error: Error, isKnown: boolean): void
  back(): void
  /** How long to wait for a connection at first; 3 s unless told. */
  readonly firstReadMs?: number | undefined
}

export type Followed = AsyncDisposable & {
  /** Resolves once what is in Redis now was read. Rejects as `read` does. */
  refresh(): Promise<void>
}

/** Changes are heard at once; what a lost message told is seen within this. */
const LOOK_MS = 3_000
/** What was changed in Redis without its version. */
const READ_MS = 60_000
const FIRST_READ_MS = 3_000

/** Reads it now and after each change, until disposed. Never rejects: without Redis the first read comes when it is there. */
export async function follow(subject: Subject): Promise<Followed> {
  const { redis, firstReadMs = FIRST_READ_MS } = subject
  const stopping = new AbortController()
  let version: string | null | undefined
  let readAt = -Infinity
  let isTold = false
  let reading: Promise<void> | undefined
  let readAgain = false

  /** One at a time; asked for during one, another follows, which sees what was written meanwhile. */
  function refresh(): Promise<void> {
    if (reading !== undefined) {
      readAgain = true
      return reading
    }
    reading = (async () => {
      try {
        do {
          readAgain = false
          await subject.read((found) => {
            readAt = performance.now()
            version = found
          })
        } while (readAgain)
      } finally {
        reading = undefined
      }
    })()
    return reading
  }

  async function look(): Promise<void> {
    try {
      const isDue = performance.now() - readAt >= READ_MS
      if (isDue || (await subject.version()) !== version) await refresh()
      if (isTold) subject.back()
      isTold = false
    } catch (error) {
      if (!subject.isAway(error)) throw error
      if (!isTold && !stopping.signal.aborted) subject.away(error, version !== undefined)
      isTold = true
    }
  }

  const lookSoon = (): void => void look()
  const subscriber = redis.duplicate({ autoResubscribe: false })
  subscriber.on('error', () => {}) // told by the first connection
  subscriber.on('ready', () => {
    subscriber.subscribe(subject.channel).then(lookSoon, () => {})
  })
  subscriber.on('message', () => void refresh().catch(() => {})) // the next look tells
  redis.on('ready', lookSoon)
  subscriber.connect().catch(() => {})

  await whenReady(redis, firstReadMs)
  await look()
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await delay(LOOK_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      if (!stopping.signal.aborted) await look()
    }
  })()

  return {
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
