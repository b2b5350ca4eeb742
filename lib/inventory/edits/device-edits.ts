import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../clock.ts'
import { type By, type Decided, decide } from './decide.ts'
import { EditError, type Refusal } from './edit-error.ts'
import type { Fit } from './fit.ts'
import { type Notes, createNotes } from './notes.ts'
import type { Operation } from './operation.ts'
import { type Plan, planEdits } from './plan.ts'
import { type Definition, type State, definitionOf } from './state.ts'
import type { EditStore, Write } from './store.ts'

/** How devices are created, changed, deleted and restored. What rejects, rejects with EditError. */
export type DeviceEdits = {
  readonly state: State
  /** Null where neither files nor the API ever said anything of such a device. */
  definition(id: string): Definition | null
  /** Of each device of which the API says something, by id. */
  edited(): Definition[]
  /** What the operations would come to, and why not; nothing is changed. */
  plan(operations: readonly Operation[], by: Asking): Promise<Plan>
  /** All of them or none; what they came to, once it is in force here. Other processes follow within a second or so. */
  apply(operations: readonly Operation[], by: Asking): Promise<Plan>
  readonly notes: Notes
}

export type Asking = Omit<By, 'at'> & {
  /** `version` of the definition that was looked at: another one by now is refused. */
  readonly expected?: string | undefined
  /** How a person calls one of the operations: `item 3` unless told. */
  readonly placeOf?: ((index: number) => string) | undefined
}

/** What the API may say, of any devices. */
const MOST_EDITS = 20_000
/** An added device that was deleted can be restored for so long. */
const REMOVED_FOR_MS = 30 * 86_400_000
/** So many are decided in one turn of the event loop: pings go on meanwhile. */
const AT_ONCE = 100
const TRIES = 20
/** Those who were in one another's way try again at different times. */
const MOST_PAUSE_MS = 50

export function createDeviceEdits({
  store,
  fit,
  state,
  refresh,
  clock,
}: {
  store: EditStore
  fit: Fit
  state: () => State
  /** Resolves once `state` has what is in Redis now. */
  refresh: () => Promise<void>
  clock: Pick<Clock, 'now'>
}): DeviceEdits {
  /** Over what is in force now, whoever changed it: nobody is told of a conflict that is none any more. */
  async function plan(
    operations: readonly Operation[],
    { expected, placeOf, ...by }: Asking,
  ): Promise<Plan> {
    if ((await store.version()) !== state().version) await refresh()
    for (const { id } of operations) checkVersion(id, expected)
    const now = state()
    const asked: By = { ...by, at: clock.now() }
    const decided = await decideAll(now, operations, asked, fit)
    return planEdits(now, operations, asked, fit, { placeOf, decided })
  }

  function checkVersion(id: string, expected: string | undefined): void {
    if (expected === undefined || expected === definitionOf(state(), id)?.version) return
    throw new EditError('changed', 'somebody changed this device meanwhile: look at it again first')
  }

  /** One after the other in this process: only other processes can be in the way. */
  let last: Promise<unknown> = Promise.resolve()
  function apply(operations: readonly Operation[], by: Asking): Promise<Plan> {
    const mine = last.then(() => applyNow(operations, by))
    last = mine.catch(() => {})
    return mine
  }

  async function applyNow(operations: readonly Operation[], by: Asking): Promise<Plan> {
    for (let tries = 0; tries < TRIES; tries++) {
      const planned = await plan(operations, by)
      const { refusals, writes, state: after } = planned
      if (refusals.length > 0) throw refusedBy(refusals)
      if (writes.length === 0) return planned
      if (after.edits.size > Math.max(MOST_EDITS, state().edits.size))
        throw new EditError('full', `no room: ${MOST_EDITS} devices are kept at most`)
      const at = clock.now()
      const all = [...writes, ...forgotten(planned, at)]
      const written = await store.write(all, { who: by.who, at, version: after.version })
      if (written === 'conflict') {
        await delay(Math.random() * MOST_PAUSE_MS)
        continue
      }
      await refresh().catch(() => {}) // the next look sees it
      return planned
    }
    throw new EditError('busy', 'others change devices all the time: try again')
  }

  return {
    get state() {
      return state()
    },
    definition: (id) => definitionOf(state(), id),
    edited: () => [...state().edits.keys()].sort().flatMap((id) => definitionOf(state(), id) ?? []),
    plan,
    apply,
    notes: createNotes({ store, clock }),
  }
}

function refusedBy(refusals: readonly Refusal[]): EditError {
  const [first, ...others] = refusals
  const field = first?.field == null ? '' : `${first.field}: `
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  return new EditError('refused', `${field}${first?.message ?? ''}${more}`, { refusals })
}

/** Added devices that were deleted long ago. */
function forgotten({ writes, state: { edits } }: Plan, at: number): Write[] {
  const written = new Set(writes.map(({ id }) => id))
  return [...edits.values()]
    .filter((edit) => edit.kind === 'removed' && edit.at + REMOVED_FOR_MS <= at)
    .filter(({ id }) => !written.has(id))
    .map(({ id }) => ({ id, after: null, audit: null }))
}

/** What each comes to by itself, fitted already. The state is what it was when this began: writing checks its version. */
async function decideAll(
  state: State,
  operations: readonly Operation[],
  by: By,
  fit: Fit,
): Promise<Decided[]> {
  const all: Decided[] = []
  for (const [index, operation] of operations.entries()) {
    if (index % AT_ONCE === AT_ONCE - 1) await nextTurn()
    const decided = decide(state, operation, by)
    if ('edit' in decided && decided.edit !== null) fit(decided.edit, state.files)
    all.push(decided)
  }
  return all
}
