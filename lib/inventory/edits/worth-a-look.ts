import type { Device } from '../../inventory.ts'
import type { Entry } from '../entry.ts'
import { type Notice, findNotices } from '../notices.ts'
import { inputOf } from './fit.ts'
import type { State } from './state.ts'

/** What is allowed but worth a look about these devices, such as an address that others have, too. */
export function noticesAbout(
  { files, edits, merged }: State,
  ids: ReadonlySet<string>,
  allows: ((device: Device) => boolean) | null,
): Notice[] {
  const entries: Entry[] = []
  for (const [id, device] of merged.inventory) {
    if (allows !== null && !allows(device)) continue
    const file = files.inputs.get(id)
    const edit = edits.get(id)
    const input = edit === undefined ? file : inputOf(id, edit.fields, file)
    if (input !== undefined) entries.push({ file: '', record: NOWHERE, input, device })
  }
  return findNotices(entries, files.settings).filter(({ devices }) =>
    devices.some((id) => ids.has(id)),
  )
}

const NOWHERE = { value: null, line: () => undefined }
