import type { LibraryVarbind } from './net-snmp.ts'
import { TAG, type Varbind } from '../varbind.ts'

/** A binding as net-snmp reads it, normalised. Its buffers are views of the packet. */
export function toVarbind({ oid, type, value }: LibraryVarbind): Varbind {
  return { oid, type, value: normalise(type, value) }
}

function normalise(type: number, value: unknown): Varbind['value'] {
  if (typeof value === 'number') return value
  if (type === TAG.ipAddress && typeof value === 'string')
    return Buffer.from(value.split('.').map(Number))
  if (type === TAG.oid && typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return type === TAG.counter64 ? unsigned64(value) : Buffer.from(value)
  return typeof value === 'boolean' ? Number(value) : null
}

/** 1 to 8 bytes, and a zero in front of them where an encoder kept the sign positive. */
function unsigned64(bytes: Buffer): number | null {
  const { length } = bytes
  if (length === 0 || length > 9 || (length === 9 && bytes[0] !== 0)) return null
  if (length <= 6) return bytes.readUIntBE(0, length)
  return bytes.readUIntBE(0, length - 4) * 2 ** 32 + bytes.readUInt32BE(length - 4)
}
