import { TAG, type Varbind } from './varbind.ts'

/** Labels are read by people and stored for each series: longer texts are cut. */
const MAX_TEXT = 512

/** What a person reads of a value; nothing where there is none. Never throws. */
export function textOf({ type, value }: Varbind): string {
  if (value === null) return ''
  if (!Buffer.isBuffer(value)) return String(value).slice(0, MAX_TEXT)
  return type === TAG.ipAddress && value.length === 4 ? value.join('.') : decodeText(value)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })
// C0 without tab, line feed and carriage return, DEL, and C1: what no text of a person has in it.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

/**
 * The text of an OctetString: UTF-8 when it is valid and printable, else Latin-1 when that is printable (older agents),
 * else its bytes as `00:1a:2b` (addresses). NULs at the end, which some agents send along, are cut.
 */
export function decodeText(bytes: Buffer): string {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  const content = bytes.subarray(0, end)
  // All NULs is an address such as 00:00:00:00:00:00, not an empty text.
  if (end === 0) return hex(bytes)
  const text = readUtf8(content) ?? content.toString('latin1')
  return CONTROL.test(text) ? hex(bytes) : text.trim().slice(0, MAX_TEXT)
}

function readUtf8(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes)
  } catch {
    return null
  }
}

const hex = (bytes: Buffer): string =>
  bytes
    .subarray(0, MAX_TEXT / 3)
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1:')
