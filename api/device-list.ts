import { deviceJson, roomOf, writeDevice } from './device-json.ts'
import type { DeviceJson } from './schemas.ts'
import type { Sliced } from '../lib/slices.ts'
import type { DeviceRow, View } from './view/build.ts'

/** Rows that are written before others may run. */
const ROWS_AT_ONCE = 128

type Bytes = Uint8Array<ArrayBuffer>

/** The rows as a JSON array, with these members of each; null: with all. */
export function writeDevices(
  rows: readonly DeviceRow[],
  view: View,
  fields: readonly (keyof DeviceJson)[] | null,
): Sliced<Bytes> {
  return fields === null ? writeWhole(rows, view) : writeParts(rows, view, fields)
}

function* writeWhole(rows: readonly DeviceRow[], view: View): Sliced<Bytes> {
  let room = '[]'.length + rows.length
  for (const [index, row] of rows.entries()) {
    room += roomOf(row)
    if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
  }
  const target = Buffer.allocUnsafeSlow(room)
  let end = target.write('[')
  for (const [index, row] of rows.entries()) {
    if (index > 0) end += target.write(',', end)
    end = writeDevice(row, view, target, end)
    if (index % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) yield
  }
  end += target.write(']', end)
  return target.subarray(0, end)
}

function* writeParts(
  rows: readonly DeviceRow[],
  view: View,
  fields: readonly (keyof DeviceJson)[],
): Sliced<Bytes> {
  const parts: Buffer[] = []
  let text = '['
  for (const [index, row] of rows.entries()) {
    if (index > 0) text += ','
    text += JSON.stringify(pick(row, view, fields))
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
