import { z } from 'zod'
import { formatPath, validate } from '../../config/explain.ts'
import { type Fields, fieldsSchema, writeFields } from './fields.ts'

/**
 * What the API says of one device.
 * `added`: all of it; there need be no file that has it. `changed`: some fields, over what its file says.
 * `deleted`: it isn't there, whatever files say. `removed`: it was added and is no more; files may define it.
 */
export const EDIT_KINDS = ['added', 'changed', 'deleted', 'removed'] as const
export type EditKind = (typeof EDIT_KINDS)[number]

export type Edit = {
  readonly id: string
  readonly kind: EditKind
  /** Of one that is deleted or removed: what it comes back with. */
  readonly fields: Fields
  /** The last change, in Unix milliseconds. */
  readonly at: number
  readonly who: string
}

/** By id. */
export type Edits = ReadonlyMap<string, Edit>

const keptSchema = z.strictObject({
  id: z.string(),
  kind: z.enum(EDIT_KINDS),
  fields: fieldsSchema,
  at: z.int(),
  who: z.string(),
})

/** As it is kept in Redis. */
export const writeEdit = (edit: Edit): string =>
  JSON.stringify({ ...edit, fields: writeFields(edit.fields) })

export type ReadEdit = (id: string, text: string) => Edit | { readonly reason: string }

/** Reads each text once, so that an edit that stays is the same object. */
export function rememberingReader(): ReadEdit {
  let known = new Map<string, { text: string; read: ReturnType<ReadEdit> }>()
  return (id, text) => {
    const before = known.get(id)
    if (before?.text === text) return before.read
    const read = readEdit(id, text)
    // Ids that are gone for good don't stay for ever.
    if (known.size > 100_000) known = new Map()
    known.set(id, { text, read })
    return read
  }
}

/** The edit, or why its text is none. */
export function readEdit(id: string, text: string): Edit | { readonly reason: string } {
  const checked = validate(keptSchema, parsed(text))
  if (!checked.ok) {
    const [finding] = checked.findings
    return { reason: `${formatPath(finding?.path ?? [])}: ${finding?.message}` }
  }
  const edit = checked.data
  if (edit.id !== id) return { reason: `id: expected the id that it is kept under, got ${edit.id}` }
  if (edit.kind === 'added' && edit.fields.address === undefined)
    return { reason: 'fields.address: expected an address of a device that no file has' }
  return edit
}

/** Undefined for what is no JSON: the schema then says what was expected. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
