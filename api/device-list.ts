import { deviceJson, deviceText } from './device-json.ts'
import type { DeviceJson } from './schemas.ts'
import type { Sliced } from '../lib/slices.ts'
import type { DeviceRow, View } from './view/build.ts'

/** Rows that are written before others may run. */
const ROWS_AT_ONCE = 128

/** The rows as a JSON array, with these members of each; null: with all. */
export function* writeDevices(
  rows: readonly DeviceRow[],
  view: View,
  fields: readonly (keyof DeviceJson)[] | null,
): Sliced<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let text = '['
  for (const [index, row] of rows.entries()) {
    if (index > 0) text += ','
    text += fields === null ? deviceText(row, view) : JSON.stringify(pick(row, view, fields))
    if (index % ROWS_AT_ONCE !== ROWS_AT_ONCE - 1) continue
    parts.push(Buffer.from(text))
    text = ''
    yield
  }
  parts.push(Buffer.from(`${text}]`))
  return Buffer.concat(parts)
}

function pick(
  row: DeviceRow,
  view: View,
  fields: readonly (keyof DeviceJson)[],
): Partial<DeviceJson> {
  const json = deviceJson(row, view)
  return Object.fromEntries(fields.map((field) => [field, json[field]]))
}
