import { writeDevice } from '../../lib/inventory/edits/fields.ts'
import type { Notice } from '../../lib/inventory/notices.ts'
import type { Definition } from '../../lib/inventory/edits/state.ts'
import type { DefinitionJson, LookJson } from './schemas.ts'

/** One device and where what is said of it comes from, as the API tells it. */
export function definitionJson({
  id,
  version,
  device,
  file,
  edit,
  fields,
  misfits,
}: Definition): DefinitionJson {
  return {
    id,
    version,
    origin: device === null ? null : (device.origin ?? 'file'),
    device: device && writeDevice(device),
    file: file && writeDevice(file),
    said: edit && {
      kind: edit.kind,
      fields: { ...fields },
      at: new Date(edit.at).toISOString(),
      by: edit.who,
    },
    notices: misfits.map(({ field, effect, message }) => ({ field, effect, message })),
  }
}

/** `lineOf` says where a CSV has a device. */
export const lookJson =
  (lineOf: (id: string) => number | null) =>
  ({ kind, device, path, message, devices }: Notice): LookJson => {
    const about = device ?? devices.find((id) => lineOf(id) !== null) ?? devices[0] ?? null
    return {
      kind,
      line: about === null ? null : lineOf(about),
      device: about,
      field: path ?? null,
      message,
    }
  }
