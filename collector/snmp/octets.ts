import { isUtf8 } from 'node:buffer'

/** Octets as a text: UTF-8, with one U+FFFD in the place of each run of bytes that isn't (as snmp_exporter has it). */
export function decodeText(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return isUtf8(bytes) ? text : text.replace(/\uFFFD+/g, '\uFFFD')
}

/** `0xFF34`; nothing for no octets. */
export const toHex = (bytes: Buffer): string =>
  bytes.length === 0 ? '' : `0x${bytes.toString('hex').toUpperCase()}`
