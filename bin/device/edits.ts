import { formatInstant } from '../decisions/when.ts'
import type { Desk } from '../decisions/desk.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'
import { valueText } from './change.ts'
import { withDevices } from './open.ts'

/** `wardline device edits`: what the API says of devices, and where that doesn't fit any more. */
export function listEdits(
  desk: Desk,
  { json }: { readonly json?: boolean },
  output: Output,
): Promise<number> {
  return withDevices(desk, output, async (edits) => {
    const all = edits.edited()
    if (json === true) {
      const told = all.map(({ id, edit, fields, version, misfits }) => ({
        id,
        kind: edit?.kind,
        fields,
        at: edit?.at,
        who: edit?.who,
        version,
        notices: misfits,
      }))
      output.print(JSON.stringify(told, null, 2))
      return 0
    }
    const rows = all.flatMap(({ id, edit, fields }) =>
      edit === null
        ? []
        : [[id, edit.kind, formatInstant(edit.at), edit.who, fieldsText(fields ?? {})]],
    )
    const head = ['id', 'kind', 'when', 'who', 'says']
    for (const line of alignedLines([head, ...rows])) output.print(line)
    for (const { id, misfits } of all) {
      for (const { field, message, effect } of misfits)
        output.error(`${[id, field, message].filter(Boolean).join(': ')} (${effect})`)
    }
    return 0
  })
}

const fieldsText = (fields: Readonly<Record<string, unknown>>): string =>
  Object.entries(fields)
    .map(([key, value]) => `${key}=${valueText(value)}`)
    .join(' ')
