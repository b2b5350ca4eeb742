import { deviceText } from '../device-json.ts'
import type { DeviceRow, View } from '../view/build.ts'

/** One event as it goes over the wire. Data that is text already is JSON. */
export type Encode = (name: string, data: object | string) => Uint8Array

const encoder = new TextEncoder()

/** Ids grow over restarts, so that whoever reconnects can tell old from new. */
export function createEncoder(firstId: number): Encode {
  let id = firstId
  return (name, data) => {
    const json = typeof data === 'string' ? data : JSON.stringify(data)
    return encoder.encode(`id: ${++id}\nevent: ${name}\ndata: ${json}\n\n`)
  }
}

export const comment = (text: string): Uint8Array => encoder.encode(`: ${text}\n\n`)

/** After a stream broke, a browser tries again in so many milliseconds. */
export const retryIn = (ms: number): Uint8Array => encoder.encode(`retry: ${ms}\n\n`)

/** What a `status` event says: each device whole, in the text that the list has of it. */
export function statusData(
  rows: readonly DeviceRow[],
  removed: readonly string[],
  view: View,
): string {
  const as_of = JSON.stringify(new Date(view.at).toISOString())
  const devices = rows.map((row) => deviceText(row, view)).join()
  return `{"as_of":${as_of},"devices":[${devices}],"removed":${JSON.stringify(removed)}}`
}
