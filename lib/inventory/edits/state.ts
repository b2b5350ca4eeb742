import { createHash } from 'node:crypto'
import type { Device } from '../../inventory.ts'
import type { FileDevices } from '../entry.ts'
import { type Edit, type Edits, writeEdit } from './edit.ts'
import { type WrittenFields, writeDevice, writeFields } from './fields.ts'
import { inputOf } from './fit.ts'
import { resolveDevice } from '../resolve.ts'
import type { Merged } from './merge.ts'

/** All that edits are decided over, at one moment. */
export type State = {
  /** Of the edits in Redis; null while there are none. */
  readonly version: string | null
  readonly files: FileDevices
  readonly edits: Edits
  readonly merged: Merged
}

/** One device, and where what is said of it comes from. */
export type Definition = {
  readonly id: string
  /** As it is in force; null: it is deleted, or waits for its file. */
  readonly device: Device | null
  /** As it would be without the edit; null: no file has it. */
  readonly file: Device | null
  readonly edit: Edit | null
  /** What the edit says, as a file would. */
  readonly fields: WrittenFields | null
  /** Differs after each change of it, whoever made it: what If-Match names. */
  readonly version: string
  readonly misfits: Merged['misfits']
}

/** Null where neither files nor the API ever said anything of it. */
export function definitionOf({ files, edits, merged }: State, id: string): Definition | null {
  const file = files.inventory.get(id) ?? null
  const edit = edits.get(id) ?? null
  if (file === null && edit === null) return null
  return {
    id,
    device: merged.inventory.get(id) ?? null,
    file,
    edit,
    fields: edit === null ? null : writeFields(edit.fields),
    version: digest(file, edit),
    misfits: merged.misfits.filter(({ device }) => device === id),
  }
}

const digest = (file: Device | null, edit: Edit | null): string =>
  createHash('sha256')
    .update(JSON.stringify([file && writeDevice(file), edit && writeEdit(edit)]))
    .digest('base64url')
    .slice(0, 16)

/** The device that an edit is about: as it is, or, when it isn't in force, as it would be. */
export function deviceMeant({ files, edits, merged }: State, id: string): Device | null {
  const inForce = merged.inventory.get(id)
  if (inForce !== undefined) return inForce
  const edit = edits.get(id)
  const file = files.inputs.get(id)
  if (edit === undefined || (file === undefined && edit.fields.address === undefined)) return null
  return resolveDevice(inputOf(id, edit.fields, file), files.settings)
}
