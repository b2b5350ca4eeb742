import type { FileDevices } from '../entry.ts'
import { type Edit, type ReadEdit, readEdit } from './edit.ts'
import { type Fit, fitEdit } from './fit.ts'
import { mergeEdits } from './merge.ts'
import type { State } from './state.ts'
import type { Kept } from './store.ts'

/** What is kept and what files say, together; what makes no sense is left out, and told. */
export function readState(
  files: FileDevices,
  { version, entries }: Kept,
  { fit = fitEdit, read = readEdit }: { fit?: Fit; read?: ReadEdit } = {},
): { state: State; corrupt: ReadonlyMap<string, string> } {
  const edits = new Map<string, Edit>()
  const corrupt = new Map<string, string>()
  for (const [id, text] of Object.entries(entries)) {
    const edit = read(id, text)
    if ('reason' in edit) corrupt.set(id, edit.reason)
    else edits.set(id, edit)
  }
  return { state: { version, files, edits, merged: mergeEdits(files, edits, fit) }, corrupt }
}
