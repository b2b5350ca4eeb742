import { SocketAddress } from 'node:net'
import { applyDisplayHint } from './display-hint.ts'
import { COMBINED_TYPES, readIndex } from './index-value.ts'
import { floatText, opaqueFloat } from './number.ts'
import { decodeText, toHex } from './octets.ts'
import { TAG, type Varbind } from './varbind.ts'

/** Labels are read by people and stored for each series: longer texts are cut. */
const MAX_TEXT = 1_024

/**
 * The text of a binding's value, as a label has it. Octets are written as `type` says; a number, an OID or an IpAddress
 * is what it is, whatever the type.
 */
export function textOf({ type: tag, value }: Varbind, type: string, displayHint?: string): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return value
  if (value === null) return ''
  if (tag === TAG.ipAddress) return addressText(value)
  const float = tag === TAG.opaque ? opaqueFloat(value) : undefined
  return float === undefined ? cut(octetsText(value, type, displayHint)) : floatText(float)
}

function octetsText(bytes: Buffer, type: string, displayHint: string | undefined): string {
  if (type === 'DisplayString') return decodeText(bytes)
  if (!AS_INDEX.has(type)) {
    const hinted = displayHint === undefined ? undefined : applyDisplayHint(displayHint, bytes)
    return hinted ?? toHex(bytes)
  }
  return readIndex([...bytes], { type }).text
}

/** Types of octets that are written as the same sub-identifiers of an index would be. */
const AS_INDEX: ReadonlySet<string> = new Set([
  'PhysAddress48',
  'InetAddressIPv4',
  'InetAddressIPv6',
  'EnumAsInfo',
  'gauge',
  'counter',
  'Integer',
  'Integer32',
  ...Object.keys(COMBINED_TYPES),
])

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return ''
  const address = readIndex([...bytes], { type: 'InetAddressIPv6' }).text
  return new SocketAddress({ address, family: 'ipv6' }).address
}

/** A cut in the middle of a character would leave half of it. */
const cut = (text: string): string =>
  text.length > MAX_TEXT ? text.slice(0, MAX_TEXT).toWellFormed() : text
