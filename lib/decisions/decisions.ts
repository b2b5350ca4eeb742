import type { Clock } from '../clock.ts'
import { follow } from '../follow.ts'
import type { Logger } from '../log.ts'
import { join } from 'node:path'
import type { Redis } from '../redis.ts'
import { openMemory } from '../redis/memory.ts'
import {
  type Decided,
  NOTHING_DECIDED,
  type Understood,
  rememberingReader,
  understand,
} from './decided.ts'
import { DecisionError } from './decision-error.ts'
import { type Edits, createEdits } from './edits.ts'
import { changedAt } from './changed-at.ts'
import { CHANGES_CHANNEL, type Kept, createDecisionStore, keptDecisions, keptOf } from './store.ts'
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

/**
 * `windows` are those of the configuration. Never rejects: without Redis what was last known here is in force, nothing where
 * there was nothing.
 */
export async function openDecisions({
  redis,
  dataDir = null,
  clock,
  log,
  windows = [],
}: {
  redis: Redis
  /** Where a copy is kept for the next start; null: nowhere. */
  dataDir?: string | null
  clock: Pick<Clock, 'now'>
  log: Logger
  windows?: readonly MaintenanceWindow[]
}): Promise<Decisions> {
  const memory = await openMemory({
    what: 'silences, maintenance windows and acknowledgements',
    store: keptDecisions(redis),
    timeOf: (_kind, text) => changedAt(text),
    file: dataDir === null ? null : join(dataDir, 'decisions.json'),
    clock,
    log,
  })
  const store = createDecisionStore(redis, memory)
  const edits = createEdits({ store, clock })
  const listeners = new Set<(decided: Decided) => void>()
  const readOne = rememberingReader()
  let current: Decided = { ...NOTHING_DECIDED, windows }
  let texts = ''
  let named = new Set<string>()

  async function read(reached: (version: string | null) => void): Promise<void> {
    const kept = await store.read()
    reached(kept.version)
    const understood = take(kept)
    // Last: a Redis that takes no writes (its disk is full) still says what is in force.
    if (understood.over.length > 0) await store.forget(understood.over)
  }

  function take(kept: Kept): Understood {
    const understood = understand(kept, clock.now(), readOne)
    nameCorrupt(understood)
    const next = JSON.stringify(kept.entries)
    if (next !== texts) {
      texts = next
      current = { ...understood.decided, windows: [...windows, ...understood.decided.windows] }
      for (const listener of listeners) listener(current)
    }
    return understood
  }

  function nameCorrupt({ corrupt }: Understood): void {
    for (const { kind, id, reason } of corrupt) {
      if (!named.has(`${kind} ${id}`))
        log.error({ kind, id, reason }, 'a decision in Redis makes no sense: it is left out')
    }
    named = new Set(corrupt.map(({ kind, id }) => `${kind} ${id}`))
  }

  if (memory.known !== null) take(keptOf(memory.known))
  const { refresh, [Symbol.asyncDispose]: dispose } = await follow({
    redis,
    channel: CHANGES_CHANNEL,
    version: () => store.version(),
    read,
    isAway: (error) => error instanceof DecisionError,
    away: (error, isKnown) =>
      log.warn(
        { reason: error.message },
        isKnown || memory.known !== null
          ? 'silences, maintenance windows and acknowledgements stay as they were last known'
          : 'silences, maintenance windows and acknowledgements are not known yet',
      ),
    back: () => log.info('silences, maintenance windows and acknowledgements are read again'),
  })

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
    async endAcknowledgements(ended, token) {
      // Of the many alerts that end few were acknowledged: Redis is asked for those alone.
      const known = new Set(current.acknowledgements.map(({ id }) => id))
      const asked = ended.filter(({ fingerprint }) => known.has(fingerprint))
      if (asked.length === 0) return
      await edits.endAcknowledgements(asked, token)
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
    [Symbol.asyncDispose]: dispose,
  }
}
