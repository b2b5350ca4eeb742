import { SocketAddress } from 'node:net'
import { applyDisplayHint } from './display-hint.ts'
import { COMBINED_TYPES, readIndex } from './index-value.ts'
import { floatText, opaqueFloat } from './number.ts'
import { cutText, decodeText, guessText, toHex } from './octet-text.ts'
import { type Cell, TAG } from '../protocol/varbind.ts'

/**
 * The text of a binding's value, as a label has it; nothing where there is none. Octets are written as `type` says, and
 * without one as a text if they look like it; a number, an OID or an IpAddress is what it is, whatever the type.
 */
export function textOf({ type: tag, value }: Cell, type?: string, displayHint?: string): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return cutText(value)
  if (value === null) return ''
  if (tag === TAG.ipAddress) return addressText(value)
  const float = tag === TAG.opaque ? opaqueFloat(value) : undefined
  return float === undefined ? cutText(octetsText(value, type, displayHint)) : floatText(float)
}

function octetsText(bytes: Buffer, type: string | undefined, displayHint?: string): string {
  if (type === undefined) return guessText(bytes)
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
