import { type By, type Decided, decide } from './decide.ts'
import type { Refusal } from './edit-error.ts'
import { type Edit, writeEdit } from './edit.ts'
import { type Planned, changesOf, writeOf } from './changes.ts'
import type { Fit } from './fit.ts'
import { mergeEdits } from './merge.ts'
import type { Operation } from './operation.ts'
import type { State } from './state.ts'
import { refuseMisfits, refuseScope } from './refuse.ts'
import type { Write } from './store.ts'

export type Plan = {
  /** As everything would be then. */
  readonly state: State
  readonly writes: readonly Write[]
  /** Of those that could be done. */
  readonly planned: readonly Planned[]
  /** Any of them: nothing is to be done. */
  readonly refusals: readonly Refusal[]
}

export type PlanOptions = {
  /** How a person calls one of them, such as `line 7`. */
  readonly placeOf?: ((index: number) => string) | undefined
  /** What `decide` says of each, where that was asked before. */
  readonly decided?: readonly Decided[]
}

/** Pure: what the operations come to together. */
export function planEdits(
  state: State,
  operations: readonly Operation[],
  by: By,
  fit: Fit,
  {
    placeOf = itemText,
    decided = operations.map((each) => decide(state, each, by)),
  }: PlanOptions = {},
): Plan {
  const edits = new Map(state.edits)
  const refusals: Refusal[] = []
  const indexOf = new Map<string, number>()
  for (const [index, operation] of operations.entries()) {
    const { id } = operation
    const first = indexOf.get(id)
    if (first !== undefined) {
      const message = `${placeOf(first)} has this id, too: say once what is to become of a device`
      refusals.push({ index, device: id, reason: 'invalid', field: 'id', message })
      continue
    }
    indexOf.set(id, index)
    const each = decided[index]
    if (each === undefined) continue
    if ('reason' in each) refusals.push({ index, device: id, ...each })
    else if (each.edit === null) edits.delete(id)
    else if (!isSameEdit(each.edit, edits.get(id))) edits.set(id, each.edit)
  }
  const after: State = { ...state, edits, merged: mergeEdits(state.files, edits, fit) }
  refusals.push(...refuseMisfits({ before: state, after, operations, indexOf, by }))
  const refused = new Set(refusals.map(({ index }) => index))
  for (const [id, index] of indexOf) {
    const operation = operations[index]
    if (operation === undefined || refused.has(index)) continue
    const refusal = refuseScope(state, after, operation, by)
    if (refusal !== null) refusals.push({ index, device: id, ...refusal })
  }
  for (const { index } of refusals) refused.add(index)
  const planned = [...indexOf].flatMap(([id, index]): Planned[] => {
    const op = operations[index]?.op
    return op === undefined || refused.has(index)
      ? []
      : [{ index, op, id, changes: changesOf(state, after, id) }]
  })
  return {
    state: after,
    writes: planned.flatMap((each) => writeOf(state, after, each)),
    planned,
    refusals: refusals.toSorted((one, other) => one.index - other.index),
  }
}

const itemText = (index: number): string => `item ${index + 1}`

const isSameEdit = (one: Edit, other: Edit | undefined): boolean =>
  other !== undefined && writeEdit({ ...one, at: other.at, who: other.who }) === writeEdit(other)
