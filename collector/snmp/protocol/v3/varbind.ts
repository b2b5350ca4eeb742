import { unsigned64 } from '../ber.ts'
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
  if (Buffer.isBuffer(value))
    return type === TAG.counter64 ? unsigned64(value, 0, value.length) : Buffer.from(value)
  return typeof value === 'boolean' ? Number(value) : null
}
