import { type Finding, type Validated, validate } from '../../config/explain.ts'
import { deviceSchema } from '../../config/schema.ts'
import { didYouMean } from '../../config/nearest.ts'
import { unseenIn } from '../../invisible.ts'
import { type Fields, type Patch, readPatch } from './fields.ts'

/** What is to be done with one device. */
export type Operation =
  | { readonly op: 'create'; readonly id: string; readonly fields: Fields }
  | { readonly op: 'change'; readonly id: string; readonly patch: Patch }
  | { readonly op: 'delete' | 'restore'; readonly id: string }

export const OPERATIONS = ['create', 'change', 'delete', 'restore'] as const

/** Longer than any real device, and far less than what all of them may take. */
const MOST_CHARACTERS = 20_000

/** A device as a file would give it, to be added. */
export function readCreate(value: unknown): Validated<Operation> {
  const checked = validate(deviceSchema, value)
  if (!checked.ok) return checked
  const { id, ...fields } = checked.data
  return bounded({ op: 'create', id, fields })
}

/** Fields of this device that are to be changed. The id itself may be among them, as it is. */
export function readChange(id: string, value: unknown): Validated<Operation> {
  const patch = readPatch(withoutId(id, value))
  return patch.ok ? bounded({ op: 'change', id, patch: patch.data }) : patch
}

/** One item of a list: `{"op": "change", "id": "core-1", "branch": "Vake"}`. */
export function readItem(value: unknown): Validated<Operation> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refused([], 'expected a map of keys such as {"op": "delete", "id": "core-1"}')
  const { op, ...rest } = value as { op?: unknown; id?: unknown }
  if (op === 'create') return readCreate(rest)
  if (op !== 'change' && op !== 'delete' && op !== 'restore') {
    const hint = typeof op === 'string' ? didYouMean(op, OPERATIONS) : ''
    return refused(['op'], `expected one of ${OPERATIONS.join(', ')}${hint}`)
  }
  const { id, ...fields } = rest
  if (typeof id !== 'string' || id === '') return refused(['id'], 'expected the id of a device')
  if (op === 'change') return readChange(id, fields)
  const [stranger] = Object.keys(fields)
  if (stranger !== undefined)
    return refused([stranger], `unknown key: ${op} takes nothing but the id`)
  return { ok: true, data: { op, id } }
}

function withoutId(id: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const { id: given, ...fields } = value as { id?: unknown }
  return given === undefined || given === id ? fields : value
}

function bounded(operation: Operation): Validated<Operation> {
  const said =
    operation.op === 'create'
      ? { id: operation.id, ...operation.fields }
      : 'patch' in operation
        ? operation.patch.set
        : {}
  const unseen = findUnseen(said, [])
  if (unseen !== null) return unseen
  if (JSON.stringify(operation).length <= MOST_CHARACTERS) return { ok: true, data: operation }
  return refused([], `expected a device of at most ${MOST_CHARACTERS} characters in all`)
}

/** Names that look alike and aren't would be taken for one another in lists. */
function findUnseen(value: unknown, path: Finding['path']): Validated<never> | null {
  if (typeof value === 'string') {
    const code = unseenIn(value)
    return code === null
      ? null
      : refused(path, `expected a text without invisible characters, got ${code} in it`)
  }
  if (typeof value !== 'object' || value === null) return null
  for (const [key, inner] of Object.entries(value)) {
    const found = findUnseen(inner, [...path, Array.isArray(value) ? Number(key) : key])
    if (found !== null) return found
  }
  return null
}

const refused = (path: Finding['path'], message: string): Validated<never> => ({
  ok: false,
  findings: [{ path, message }],
})
