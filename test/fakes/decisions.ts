import type { Clock } from '../../lib/clock.ts'
import { type Change, KINDS, type Kind, isWanted } from '../../lib/decisions/change.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import { type Decided, understand } from '../../lib/decisions/decided.ts'
import type { Decisions } from '../../lib/decisions/decisions.ts'
import { createEdits } from '../../lib/decisions/edits.ts'
import type { DecisionStore, Kept } from '../../lib/decisions/store.ts'
import type { MaintenanceWindow } from '../../lib/decisions/window.ts'

/** What people decided, kept in memory by the real rules. */
export type FakeDecisions = Omit<Decisions, typeof Symbol.asyncDispose> & {
  /** While it is, nothing can be changed, as without Redis. */
  isAway: boolean
}

export function fakeDecisions(
  clock: Pick<Clock, 'now'>,
  windows: readonly MaintenanceWindow[] = [],
): FakeDecisions {
  const entries = new Map<Kind, Map<string, string>>(KINDS.map((kind) => [kind, new Map()]))
  const changes: Change[] = []
  const listeners = new Set<(decided: Decided) => void>()
  let current: Decided = { silences: [], windows, acknowledgements: [] }

  const kept = (): Kept => ({
    version: String(changes.length),
    entries: Object.fromEntries(
      KINDS.map((kind) => [kind, Object.fromEntries(entries.get(kind) ?? [])]),
    ) as Kept['entries'],
  })

  const reaching = <T>(command: () => T): Promise<T> => {
    if (!fake.isAway) return Promise.resolve(command())
    return Promise.reject(new DecisionError('unavailable', "Redis can't be asked: it is away"))
  }

  const store: DecisionStore = {
    read: () => reaching(kept),
    version: () => reaching(() => String(changes.length)),
    entry: (kind, id) => reaching(() => entries.get(kind)?.get(id) ?? null),
    write: (writes, { who, at }) =>
      reaching(() => {
        const isAsFound = writes.every(
          ({ kind, id, before }) => (entries.get(kind)?.get(id) ?? null) === before,
        )
        if (!isAsFound) return 'conflict'
        for (const { kind, action, id, before, after } of writes) {
          if (after === null) entries.get(kind)?.delete(id)
          else entries.get(kind)?.set(id, JSON.stringify(after))
          changes.push({
            entry: `${at}-${changes.length}`,
            at,
            who,
            what: `${kind} ${action}`,
            id,
            before: before === null ? null : JSON.parse(before),
            after,
          })
        }
        return 'done'
      }),
    forget: () => reaching(() => {}),
    changes: (filter) =>
      reaching(() => changes.filter((change) => isWanted(change, filter)).toReversed()),
  }

  async function refresh(): Promise<void> {
    const { decided } = understand(await store.read(), clock.now())
    current = { ...decided, windows: [...windows, ...decided.windows] }
    for (const listener of listeners) listener(current)
  }
  const followed =
    <A extends unknown[], R>(edit: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      const result = await edit(...args)
      await refresh()
      return result
    }

  const edits = createEdits({ store, clock })
  const fake: FakeDecisions = {
    isAway: false,
    putSilence: followed(edits.putSilence),
    expireSilence: followed(edits.expireSilence),
    putWindow: followed(edits.putWindow),
    removeWindow: followed(edits.removeWindow),
    putAcknowledgement: followed(edits.putAcknowledgement),
    removeAcknowledgement: followed(edits.removeAcknowledgement),
    endAcknowledgements: followed(edits.endAcknowledgements),
    log: edits.log,
    get current() {
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh,
  }
  return fake
}
