import type { DeviceInput } from '../../config/schema.ts'
import type { Device } from '../../inventory.ts'
import type { InventorySettings } from '../entry.ts'
import { resolveDevice } from '../resolve.ts'
import type { Refusal } from './edit-error.ts'
import type { Edit } from './edit.ts'
import { type Fields, overlay, pathsOf, without } from './fields.ts'
import { inputOf } from './fit.ts'
import type { Operation } from './operation.ts'
import { type State, deviceMeant } from './state.ts'

/** Who asks, and when. */
export type By = {
  readonly who: string
  readonly at: number
  /** Which devices may be seen and changed; null: all. Any other answers as if it weren't there. */
  readonly allows: ((device: Device) => boolean) | null
}

/** The edit that there is then, null for none; or why not. */
export type Decided = { readonly edit: Edit | null } | Omit<Refusal, 'index' | 'device'>

/** Pure: what one operation makes of what the API says of its device. Whether that fits is the merge's to say. */
export function decide(state: State, operation: Operation, by: By): Decided {
  switch (operation.op) {
    case 'create':
      return decideCreate(state, operation, by)
    case 'change':
      return decideChange(state, operation, by)
    case 'delete':
      return decideDelete(state, operation.id, by)
    case 'restore':
      return decideRestore(state, operation.id, by)
  }
}

const stamp = ({ who, at }: By): Pick<Edit, 'who' | 'at'> => ({ who, at })
const isAllowed = ({ allows }: By, device: Device): boolean => allows === null || allows(device)

function decideCreate(
  state: State,
  { id, fields }: Extract<Operation, { op: 'create' }>,
  by: By,
): Decided {
  const taken = deviceMeant(state, id)
  const edit = state.edits.get(id)
  const isFree = taken === null || edit?.kind === 'removed' || edit?.kind === 'changed'
  if (isFree && !state.merged.inventory.has(id))
    return { edit: { id, kind: 'added', fields, ...stamp(by) } }
  const conflict = { reason: 'conflict', field: 'id', other: id } as const
  // Whose it is, is nobody's business who may not see it.
  if (taken === null || !isAllowed(by, taken))
    return { ...conflict, message: 'the id is taken: give each device its own' }
  if (edit?.kind === 'deleted')
    return { ...conflict, message: `${deletedBy(edit)}: restore it, or take another id` }
  const where = [taken.address, taken.branch].filter(Boolean).join(', ')
  return { ...conflict, message: `the id is taken by ${JSON.stringify(taken.name)} (${where})` }
}

type Change = Extract<Operation, { op: 'change' }>

function decideChange(state: State, change: Change, by: By): Decided {
  const { id, patch } = change
  const edit = state.edits.get(id)
  const device = deviceMeant(state, id)
  const isGone = edit?.kind === 'deleted' || (edit?.kind === 'removed' && !isThere(state, id))
  if (device === null || !isAllowed(by, device)) return notFound(id)
  if (isGone) return { ...notFound(id), message: `${deletedBy(edit)}: restore it first` }
  const file = state.files.inputs.get(id)
  const isOwn = edit?.kind === 'added'
  const before = isOwn || edit?.kind === 'changed' ? edit.fields : {}
  const said = overlay(without(before, patch.unset), patch.set)
  const fields = withUnseenParents(state, change, said, by)
  if (isOwn && fields.address !== undefined)
    return { edit: { id, kind: 'added', fields, ...stamp(by) } }
  if (isOwn && file === undefined) {
    const message = 'expected an IP address or a host name: no file has one of this device'
    return { reason: 'invalid', field: 'address', message }
  }
  if (file === undefined) return notFound(id)
  const kept = onlyDifferences(file, fields, state.files.settings)
  const isNothing = Object.keys(kept).length === 0
  return { edit: isNothing ? null : { id, kind: 'changed', fields: kept, ...stamp(by) } }
}

/** Whoever is shown some of a device's parents says nothing of the others: those stay. */
function withUnseenParents(
  { files, merged }: State,
  { id, patch }: Change,
  fields: Fields,
  { allows }: By,
): Fields {
  const isAsked = patch.set.parents !== undefined || patch.unset.includes('parents')
  if (allows === null || !isAsked) return fields
  const known = merged.inventory.get(id)?.parents ?? []
  const unseen = known.filter((parent) => {
    const device = merged.inventory.get(parent)
    return device !== undefined && !allows(device)
  })
  const { parents } = resolveDevice(inputOf(id, fields, files.inputs.get(id)), files.settings)
  if (unseen.every((parent) => parents.includes(parent))) return fields
  // In the order that they had: the same parents are no change.
  const stay = known.filter((parent) => unseen.includes(parent) || parents.includes(parent))
  return { ...fields, parents: [...stay, ...parents.filter((parent) => !known.includes(parent))] }
}

function decideDelete(state: State, id: string, by: By): Decided {
  const edit = state.edits.get(id)
  const device = deviceMeant(state, id)
  const isGone = edit?.kind === 'deleted' || (edit?.kind === 'removed' && !isThere(state, id))
  if (device === null || !isAllowed(by, device) || isGone) return notFound(id)
  const isOfFile = state.files.inputs.has(id)
  const fields = edit?.kind === 'removed' ? {} : (edit?.fields ?? {})
  return { edit: { id, kind: isOfFile ? 'deleted' : 'removed', fields, ...stamp(by) } }
}

function decideRestore(state: State, id: string, by: By): Decided {
  const edit = state.edits.get(id)
  const device = deviceMeant(state, id)
  if (device === null || !isAllowed(by, device)) return notFound(id)
  if (
    edit === undefined ||
    (edit.kind !== 'deleted' && edit.kind !== 'removed') ||
    isThere(state, id)
  )
    return { reason: 'conflict', field: null, message: "it isn't deleted" }
  const { fields } = edit
  const isOfFile = state.files.inputs.has(id)
  if (isOfFile && Object.keys(fields).length === 0) return { edit: null }
  return { edit: { id, kind: isOfFile ? 'changed' : 'added', fields, ...stamp(by) } }
}

const isThere = ({ merged }: State, id: string): boolean => merged.inventory.has(id)

const notFound = (id: string) =>
  ({
    reason: 'not-found',
    field: null,
    message: `no device has the id ${JSON.stringify(id)}`,
  }) as const

const deletedBy = ({ who, at }: Edit): string =>
  `a device of this id was deleted by ${who} at ${new Date(at).toISOString()}`

/** Of what is said over a file, only what makes a difference: the rest goes on to follow the file. */
function onlyDifferences(file: DeviceInput, fields: Fields, settings: InventorySettings): Fields {
  const resultOf = (some: Fields) => JSON.stringify(resolveDevice(overlay(file, some), settings))
  const wanted = resultOf(fields)
  let kept = fields
  for (const path of pathsOf(fields)) {
    const fewer = without(kept, [path])
    if (resultOf(fewer) === wanted) kept = fewer
  }
  return kept
}
