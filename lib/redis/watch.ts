import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Redis } from '../redis.ts'
import { type Beat, type Mark, sendBeat } from './beat.ts'
import { memoryOf } from './memory-use.ts'
import { TOO_SLOW, isRefusedWrite, whyNot } from './refusal.ts'
import { type PutBack, readPutBacks } from './state.ts'

/** How Redis is, as one process sees it. */
export type RedisState = {
  /** `slow`: nobody waits for it; `refusing`: it gives, and takes nothing. */
  readonly status: 'ok' | 'slow' | 'refusing' | 'away'
  /** Why it isn't ok, or what will be wrong soon. */
  readonly reason: string | null
  /** When it was last noticed that it went back, in Unix milliseconds. */
  readonly lostAt: number | null
  /** How far; null: everything was gone. */
  readonly lostMs: number | null
  readonly putBacks: ReadonlyMap<string, PutBack>
}

export type RedisMeter = {
  beaten(seconds: number): void
  state(state: RedisState): void
  lost(): void
  /** Memory used, of what it may use; null where that has no bound. */
  memory(ratio: number | null): void
}

export type RedisWatch = AsyncDisposable & {
  readonly state: RedisState
  /** Null before the first beat. */
  readonly mark: Mark | null
  /** Beats now. Rejects as the connection does. */
  beat(): Promise<Mark>
  /** Called when Redis has lost something; gives what ends it. */
  onLost(listener: (lostMs: number | null) => void): () => void
}

const EVERY_MS = 2_000
const MEMORY_EVERY_MS = 30_000
/** Told before it is full. */
const NEARLY_FULL = 0.9

/** Looks at Redis every 2 s until disposed, and whenever it is reached again. */
export function watchRedis({
  redis,
  meter,
  known = null,
  clock,
  log,
}: {
  redis: Redis
  meter: RedisMeter
  /** Where the process before this one last saw it. */
  known?: Mark | null
  clock: Pick<Clock, 'now'>
  log: Logger
}): RedisWatch {
  const stopping = new AbortController()
  const listeners = new Set<(lostMs: number | null) => void>()
  let mark = known
  let hasBeaten = false
  let failure: unknown = null
  let warning: string | null = null
  let lostAt: number | null = null
  let lostMs: number | null = null
  let putBacks: ReadonlyMap<string, PutBack> = new Map()
  let memoryAt = -Infinity
  let beating: Promise<Mark> | null = null

  function stateNow(): RedisState {
    const lost = { lostAt, lostMs, putBacks }
    if (redis.status !== 'ready') return { status: 'away', reason: 'it is away', ...lost }
    if (failure === null) return { status: 'ok', reason: warning, ...lost }
    const reason = whyNot(failure)
    const status = isRefusedWrite(failure) ? 'refusing' : reason === TOO_SLOW ? 'slow' : 'away'
    return { status, reason, ...lost }
  }

  /** One at a time: two that know the same would both take a loss for new. */
  function beat(): Promise<Mark> {
    beating ??= beatNow().finally(() => (beating = null))
    return beating
  }

  async function beatNow(): Promise<Mark> {
    const startedAt = performance.now()
    try {
      const answer = await sendBeat(redis, mark)
      meter.beaten((performance.now() - startedAt) / 1000)
      failure = null
      take(answer)
      return answer.mark
    } catch (error) {
      failure = error
      throw error
    } finally {
      meter.state(stateNow())
    }
  }

  function take({ mark: next, isLost, lostMs: ms, fields }: Beat): void {
    mark = next
    hasBeaten = true
    lostAt = fields['lost_at'] === undefined ? null : Number(fields['lost_at'])
    lostMs = fields['lost_ms'] ? Number(fields['lost_ms']) : null
    putBacks = readPutBacks(fields)
    if (!isLost) return
    meter.lost()
    log.warn({ lostSeconds: ms === null ? null : ms / 1000 }, 'Redis has lost what it was told')
    for (const listener of listeners) listener(ms)
  }

  async function lookAtMemory(): Promise<void> {
    if (clock.now() - memoryAt < MEMORY_EVERY_MS && clock.now() >= memoryAt) return
    memoryAt = clock.now()
    const { ratio, evicts } = memoryOf(await redis.info('memory'))
    meter.memory(ratio)
    if (evicts) warning = 'it evicts keys when it is full: set its maxmemory-policy to noeviction'
    else if (ratio !== null && ratio >= NEARLY_FULL)
      warning = `${Math.round(ratio * 100)} % of its memory (maxmemory) is used`
    else warning = null
  }

  async function look(): Promise<void> {
    try {
      await beat()
      await lookAtMemory()
    } catch {
      // `failure` has it.
    }
  }

  const lookNow = (): void => void look()
  redis.on('ready', lookNow)
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await look()
      await delay(EVERY_MS, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
    }
  })()

  return {
    get state() {
      return stateNow()
    },
    get mark() {
      return hasBeaten ? mark : null
    },
    beat,
    onLost(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      redis.off('ready', lookNow)
      await looking
    },
  }
}
