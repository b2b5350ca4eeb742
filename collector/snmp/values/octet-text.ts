import { isUtf8 } from 'node:buffer'

/**
 * Octets that are said to be a text: UTF-8 as it is; else Latin-1 (older agents), if that is printable; else the bytes
 * as `00:1a:2b`.
 */
export const decodeText = (bytes: Buffer): string =>
  isUtf8(bytes) ? bytes.toString('utf8') : guessText(bytes)

/**
 * Octets of which nothing says what they are: UTF-8 or Latin-1 without the NULs at its end, if it is printable; else the
 * bytes as `00:1a:2b` (addresses).
 */
export function guessText(bytes: Buffer): string {
  const content = bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1)
  const text = content.toString(isUtf8(content) ? 'utf8' : 'latin1')
  // All NULs is an address such as 00:00:00:00:00:00, not an empty text.
  if (content.length > 0 && !CONTROL.test(text)) return text
  return bytes.toString('hex').replace(/(..)(?=.)/g, '$1:')
}

// C0 without tab, line feed and carriage return, DEL, and C1: what no text of a person has in it.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

/** `0xFF34`; nothing for no octets. */
export const toHex = (bytes: Buffer): string =>
  bytes.length === 0 ? '' : `0x${bytes.toString('hex').toUpperCase()}`

/** Labels are read by people and stored for each series: longer texts are cut. */
const MAX_TEXT = 1_024

/** A cut in the middle of a character would leave half of it. */
export const cutText = (text: string): string =>
  text.length > MAX_TEXT ? text.slice(0, MAX_TEXT).toWellFormed() : text
