/** A value as samples and labels take it: a number is a number, everything else is text. */
export type SnmpValue = number | string

/** A variable binding as it came off the wire. */
export type Varbind = {
  readonly oid: string
  readonly type?: number | undefined
  readonly value?: unknown
}

/** Tags of the values that need a look at their type (RFC 2578 §7, RFC 3416 §3). */
const TYPE = {
  boolean: 1,
  octetString: 4,
  opaque: 68,
  counter64: 70,
  noSuchObject: 128,
  noSuchInstance: 129,
  endOfMibView: 130,
} as const

/** Labels are read by people and stored for each series: longer texts are cut. */
const MAX_TEXT = 512

/** True for the three ways of v2c to say that there is nothing at an OID. */
export function isAbsent({ type }: Varbind): boolean {
  return type === TYPE.noSuchObject || type === TYPE.noSuchInstance || type === TYPE.endOfMibView
}

/** The value of a binding; undefined when the agent has none or it can't be read. Never throws. */
export function decodeValue(varbind: Varbind): SnmpValue | undefined {
  const { type, value } = varbind
  if (isAbsent(varbind)) return undefined
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value === 'string') return value.slice(0, MAX_TEXT)
  if (typeof value === 'boolean') return value ? 1 : 0
  if (!Buffer.isBuffer(value)) return undefined
  if (type === TYPE.counter64) return decodeCounter64(value)
  if (type === TYPE.opaque) return decodeOpaque(value)
  return decodeText(value)
}

/**
 * 1 to 8 bytes, and a leading 0 in front of them where an encoder kept the sign positive. Past 2^53 the nearest
 * number that a double holds: at most 1,024 off at 2^64, which no rate shows.
 */
export function decodeCounter64(bytes: Buffer): number | undefined {
  const significant = bytes.length === 9 && bytes[0] === 0 ? bytes.subarray(1) : bytes
  if (significant.length === 0 || significant.length > 8) return undefined
  if (significant.length <= 6) return significant.readUIntBE(0, significant.length)
  return Number(BigInt(`0x${significant.toString('hex')}`))
}

/** net-snmp's floats in an Opaque: 9f 78 04 and a float, 9f 79 08 and a double. Others are hex. */
function decodeOpaque(bytes: Buffer): SnmpValue | undefined {
  const tag = bytes.subarray(0, 3).toString('hex')
  const number =
    tag === '9f7804' && bytes.length === 7
      ? bytes.readFloatBE(3)
      : tag === '9f7908' && bytes.length === 11
        ? bytes.readDoubleBE(3)
        : null
  if (number === null) return hex(bytes)
  return Number.isFinite(number) ? number : undefined
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
