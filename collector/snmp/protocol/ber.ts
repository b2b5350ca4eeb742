import { keepOidText, oidTextAt, placeOfOid } from './oid-texts.ts'
import { TAG, type Varbind } from './varbind.ts'

/**
 * As much of BER (X.690) as SNMP needs (RFC 3417 §8): definite lengths, tags of one byte. Reading never throws and never
 * leaves its limit: what isn't well formed is -1 or null.
 */

export const SEQUENCE = 0x30

/** Bytes written from the end to the front: a length is known when its turn comes. `at` is the first one written. */
export type Writer = { readonly bytes: Buffer; at: number }

export const createWriter = (size: number): Writer => ({
  bytes: Buffer.allocUnsafe(size),
  at: size,
})

export function writeByte(writer: Writer, byte: number): void {
  writer.bytes[--writer.at] = byte
}

/** Puts tag and length before everything from `writer.at` up to `end`. */
export function wrap(writer: Writer, tag: number, end: number): void {
  const length = end - writer.at
  if (length < 0x80) {
    writeByte(writer, length)
  } else {
    let bytes = 0
    for (let rest = length; rest > 0; rest >>>= 8) {
      writeByte(writer, rest & 0xff)
      bytes++
    }
    writeByte(writer, 0x80 | bytes)
  }
  writeByte(writer, tag)
}

/** A whole number from 0 to 2^31 - 1, in as few bytes as hold it. */
export function writeInteger(writer: Writer, value: number): void {
  const end = writer.at
  let rest = value
  do {
    writeByte(writer, rest & 0xff)
    rest >>>= 8
  } while (rest > 0)
  if ((writer.bytes[writer.at] ?? 0) >= 0x80) writeByte(writer, 0)
  wrap(writer, TAG.integer, end)
}

export function writeOctets(writer: Writer, octets: Buffer): void {
  const end = writer.at
  writer.at -= octets.length
  octets.copy(writer.bytes, writer.at)
  wrap(writer, TAG.octetString, end)
}

/** Its arcs are taken from the text's end: `1.3.6.1`, two of them at least. */
export function writeOid(writer: Writer, oid: string): void {
  const end = writer.at
  const second = oid.indexOf('.') + 1
  let place = 1
  let arc = 0
  for (let i = oid.length - 1; i >= second; i--) {
    const code = oid.charCodeAt(i)
    if (code === 0x2e) {
      writeArc(writer, arc)
      arc = 0
      place = 1
    } else {
      arc += (code - 0x30) * place
      place *= 10
    }
  }
  writeArc(writer, arc + 40 * (oid.charCodeAt(0) - 0x30))
  wrap(writer, TAG.oid, end)
}

function writeArc(writer: Writer, arc: number): void {
  writeByte(writer, arc & 0x7f)
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) writeByte(writer, 0x80 | (rest & 0x7f))
}

/** What is being read, and the place in it. */
export type Reader = { readonly bytes: Buffer; at: number }

/**
 * Steps over the tag and the length of the element at `at`: its end, -1 unless it has the tag and lies wholly within
 * `limit`. Any tag will do when it is null.
 */
export function enter(reader: Reader, tag: number | null, limit: number): number {
  const { bytes, at } = reader
  if (at + 2 > limit || (tag !== null && bytes[at] !== tag)) return -1
  let start = at + 2
  let length = bytes[at + 1] ?? 0
  if (length >= 0x80) {
    const count = length & 0x7f
    // Four bytes of length are more than a datagram holds; 0 is the indefinite form.
    if (count === 0 || count > 4 || start + count > limit) return -1
    length = 0
    for (const lengthEnd = start + count; start < lengthEnd; start++) {
      length = length * 256 + (bytes[start] ?? 0)
    }
  }
  if (start + length > limit) return -1
  reader.at = start
  return start + length
}

/** Steps over a whole INTEGER of at most 5 bytes; null when there is none. */
export function readInteger(reader: Reader, limit: number): number | null {
  const end = enter(reader, TAG.integer, limit)
  const { bytes, at } = reader
  if (end === -1 || end === at || end - at > 5) return null
  reader.at = end
  return signed(bytes, at, end)
}

/** Two's complement, exact up to 53 bits. */
export function signed(bytes: Buffer, start: number, end: number): number {
  const first = bytes[start] ?? 0
  let value = first >= 0x80 ? first - 0x100 : first
  for (let i = start + 1; i < end; i++) value = value * 256 + (bytes[i] ?? 0)
  return value
}

/** An OID whose bytes and text are both known: others that begin alike are told from it. */
export type KnownOid = {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The text of the OID whose content is from `start` to `end`; null when it is none. Most are `known`, the one that was
 * asked for, or came lately, and the others begin like it: making texts anew would be most of the work of decoding.
 */
export function readOid(
  bytes: Buffer,
  start: number,
  end: number,
  known: KnownOid | undefined,
): string | null {
  if (start >= end || (bytes[end - 1] ?? 0) >= 0x80) return null
  let same = 0
  if (known !== undefined) {
    const most = Math.min(end - start, known.end - known.start)
    while (same < most && bytes[start + same] === known.bytes[known.start + same]) same++
    if (start + same === end && known.start + same === known.end) return known.text
  }
  const place = placeOfOid(bytes, start, end)
  const kept = oidTextAt(place, bytes, start, end)
  if (kept !== undefined) return kept
  // Back to where an arc begins.
  while (same > 0 && (bytes[start + same - 1] ?? 0) >= 0x80) same--
  const text = readArcs(bytes, start + same, end, textBefore(known, same))
  if (text !== null) keepOidText(place, text, bytes, start, end)
  return text
}

/** The text of the arcs in its first `length` bytes. */
function textBefore(known: KnownOid | undefined, length: number): string {
  if (known === undefined || length === 0) return ''
  let cut = known.text.length
  for (let i = known.start + length; i < known.end; i++) {
    if ((known.bytes[i] ?? 0) < 0x80) cut = known.text.lastIndexOf('.', cut - 1)
  }
  return known.text.slice(0, cut)
}

/** Arcs that follow those of `before`; the first number of all holds two. */
function readArcs(bytes: Buffer, start: number, end: number, before: string): string | null {
  let text = before
  let arc = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i] ?? 0
    arc = arc * 128 + (byte & 0x7f)
    if (arc > 0xffff_ffff) return null
    if (byte >= 0x80) continue
    if (text !== '') text += `.${arc}`
    else if (arc < 80) text = arc < 40 ? `0.${arc}` : `1.${arc - 40}`
    else text = `2.${arc - 80}`
    arc = 0
  }
  return text
}

/**
 * The value whose content is from `start` to `end`, as Varbind has it; null for none, for a type that SNMP doesn't have
 * and for what can't be read.
 */
export function readValue(
  bytes: Buffer,
  type: number,
  start: number,
  end: number,
): Varbind['value'] {
  const length = end - start
  switch (type) {
    case TAG.integer:
      return length > 0 && length <= 8 ? signed(bytes, start, end) : null
    case TAG.counter32:
    case TAG.gauge32:
    case TAG.timeTicks:
    case UINTEGER32:
      // Some agents write them with a sign, or in 8 bytes: what counts are the low 32 bits.
      if (length === 0 || length > 9) return null
      return signed(bytes, length > 4 ? end - 4 : start, end) >>> 0
    case TAG.counter64:
      return unsigned64(bytes, start, end)
    case TAG.octetString:
    case TAG.ipAddress:
    case TAG.opaque:
    case NSAP_ADDRESS:
    case BIT_STRING: {
      const octets = Buffer.allocUnsafe(length)
      bytes.copy(octets, 0, start, end)
      return octets
    }
    case TAG.oid:
      return readOid(bytes, start, end, undefined)
    case TAG.boolean:
      return length === 1 ? Number(bytes[start] !== 0) : null
    default:
      return null
  }
}

/** Of RFC 1442, and long obsolete: a few agents still send them. */
const BIT_STRING = 0x03
const NSAP_ADDRESS = 0x45
const UINTEGER32 = 0x47

/** 1 to 8 bytes, and a zero in front of them where an encoder kept the sign positive; null for what is no Counter64. */
export function unsigned64(bytes: Buffer, start: number, end: number): number | null {
  const length = end - start
  if (length === 0 || length > 9 || (length === 9 && bytes[start] !== 0)) return null
  if (length <= 6) return bytes.readUIntBE(start, length)
  // Both halves are exact; their sum is rounded once, to the nearest double.
  return bytes.readUIntBE(start, length - 4) * 2 ** 32 + bytes.readUInt32BE(end - 4)
}
