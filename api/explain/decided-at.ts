import type { Change, Kind } from '../../lib/decisions/change.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import type { Decided } from '../../lib/decisions/decided.ts'
import type { Decisions } from '../../lib/decisions/decisions.ts'
import { acknowledgementSchema, silenceSchema, windowSchema } from '../../lib/decisions/schemas.ts'

/** All that the log keeps: one that is left out would stay done. */
const ALL_CHANGES = 100_000
/** Older changes that are looked through for what the series name. */
const MOST_CHANGES = 2_000
/** Younger than this is now. */
const NOW_MS = 2_000

export type DecisionSource = Pick<Decisions, 'current' | 'log'>

/**
 * What people had decided at a past instant: what is in force now, with the changes since then undone. While Redis is
 * away, what was last known.
 */
export async function decidedAt(
  decisions: DecisionSource,
  at: number,
  now: number,
  /** Ids and names that the series name: what is forgotten since is looked for in the change log. */
  causes: readonly string[],
): Promise<Decided> {
  const { current } = decisions
  if (at > now - NOW_MS) return current
  try {
    const undone = undo(current, await decisions.log({ since: at, limit: ALL_CHANGES }))
    const known = new Set([...undone.silences, ...undone.windows].map(({ id }) => id))
    const names = new Set(undone.windows.map(({ name }) => name))
    if (causes.every((cause) => known.has(cause) || names.has(cause))) return undone
    return recall(undone, await decisions.log({ until: at, limit: MOST_CHANGES }), known)
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error
    return current
  }
}

/** Pure: `decided` before these changes, which come newest first. */
export function undo(decided: Decided, changes: readonly Change[]): Decided {
  const before = new Map<string, Change>()
  for (const change of changes) before.set(`${kindOf(change)} ${change.id}`, change)
  const untouched = (kind: Kind) => (one: { readonly id: string }) =>
    !before.has(`${kind} ${one.id}`)
  const states = [...before.values()].map((change) => ({ ...change, state: change.before }))
  return merged(
    {
      silences: decided.silences.filter(untouched('silence')),
      windows: decided.windows.filter(untouched('window')),
      acknowledgements: decided.acknowledgements.filter(untouched('acknowledgement')),
    },
    states,
  )
}

/** Pure: with what these changes, the newest first, made and nobody knows any more. */
function recall(decided: Decided, changes: readonly Change[], known: ReadonlySet<string>): Decided {
  const newest = new Map<string, Change>()
  for (const change of changes) {
    const key = `${kindOf(change)} ${change.id}`
    if (kindOf(change) !== 'acknowledgement' && !known.has(change.id) && !newest.has(key))
      newest.set(key, change)
  }
  return merged(
    decided,
    [...newest.values()].map((change) => ({ ...change, state: change.after })),
  )
}

function merged(
  { silences, windows, acknowledgements }: Decided,
  changes: readonly (Change & { readonly state: unknown })[],
): Decided {
  const of = (kind: Kind): unknown[] =>
    changes.filter((change) => kindOf(change) === kind).map(({ state }) => state)
  return {
    silences: [...silences, ...of('silence').flatMap(readBy(silenceSchema))],
    windows: [...windows, ...of('window').flatMap(readBy(windowSchema))],
    acknowledgements: [
      ...acknowledgements,
      ...of('acknowledgement').flatMap(readBy(acknowledgementSchema)),
    ],
  }
}

/** What isn't one any more, or can't be read, is none. */
const readBy =
  <T>(schema: { safeParse(value: unknown): { data?: T | undefined } }) =>
  (value: unknown): T[] => {
    const { data } = schema.safeParse(value)
    return data === undefined ? [] : [data]
  }

const kindOf = ({ what }: Change): Kind => what.split(' ')[0] as Kind
