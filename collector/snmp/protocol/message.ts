import {
  type KnownOid,
  type Reader,
  SEQUENCE,
  type Writer,
  createWriter,
  enter,
  readInteger,
  readOid,
  readValue,
  wrap,
  writeByte,
  writeInteger,
  writeOctets,
  writeOid,
} from './ber.ts'
import { TAG, type Varbind } from './varbind.ts'

/** Messages of SNMP v1 and v2c (RFC 1157, RFC 3416): the requests that wardline sends and the responses to them. */

export const PDU = { get: 0xa0, getNext: 0xa1, response: 0xa2, getBulk: 0xa5 } as const

export const WIRE_VERSION = { '1': 0, '2c': 1, '3': 3 } as const

/** The bindings of a request, encoded, and where each OID stands in them: an answer is read by it. */
export type Question = { readonly bytes: Buffer; readonly oids: readonly KnownOid[] }

export type Request = {
  readonly version: number
  readonly community: Buffer
  readonly pdu: number
  /** Of 31 bits. */
  readonly id: number
  /** Rows of a GETBULK; 0 in others. */
  readonly repetitions: number
  readonly question: Question
}

export function encodeQuestion(oids: readonly string[]): Question {
  // An arc takes no more bytes than its digits; tags, lengths and the NULL take 12 at most.
  const writer = createWriter(oids.reduce((size, oid) => size + oid.length + 12, 4))
  const { bytes } = writer
  const known: KnownOid[] = []
  const listEnd = writer.at
  for (const text of oids.toReversed()) {
    const end = writer.at
    writeByte(writer, 0)
    writeByte(writer, TAG.null)
    const oidEnd = writer.at
    writeOid(writer, text)
    known.push({ bytes, start: contentOf(writer), end: oidEnd, text })
    wrap(writer, SEQUENCE, end)
  }
  wrap(writer, SEQUENCE, listEnd)
  return { bytes: bytes.subarray(writer.at), oids: known.reverse() }
}

/** Where the content of the element that was written last begins. */
function contentOf({ bytes, at }: Writer): number {
  const length = bytes[at + 1] ?? 0
  return at + 2 + (length >= 0x80 ? length & 0x7f : 0)
}

export function encodeRequest(request: Request): Buffer {
  const { version, community, question } = request
  const writer = createWriter(question.bytes.length + community.length + 40)
  const end = writer.at
  writePdu(writer, request)
  writeOctets(writer, community)
  writeInteger(writer, version)
  wrap(writer, SEQUENCE, end)
  return writer.bytes.subarray(writer.at)
}

export function writePdu(
  writer: Writer,
  { pdu, id, repetitions, question }: Pick<Request, 'pdu' | 'id' | 'repetitions' | 'question'>,
): void {
  const end = writer.at
  writer.at -= question.bytes.length
  question.bytes.copy(writer.bytes, writer.at)
  writeInteger(writer, repetitions)
  // Non-repeaters of a GETBULK, the error status of others.
  writeInteger(writer, 0)
  writeInteger(writer, id)
  wrap(writer, pdu, end)
}

/** The outside of a message: all that is needed to tell whose answer it is. A v3 message has nothing but its version. */
export type Header = {
  readonly version: number
  /** Where the community is. */
  readonly start: number
  readonly end: number
  readonly pdu: number
  readonly id: number
  /** What comes behind the id, and where the PDU ends. */
  readonly restAt: number
  readonly restEnd: number
}

/** Null when the packet isn't a whole SNMP message. Bytes behind it are allowed: some agents pad. */
export function readHeader(packet: Buffer): Header | null {
  const reader: Reader = { bytes: packet, at: 0 }
  const messageEnd = enter(reader, SEQUENCE, packet.length)
  if (messageEnd === -1) return null
  const version = readInteger(reader, messageEnd)
  if (version === null) return null
  if (version === WIRE_VERSION['3'])
    return { version, start: 0, end: 0, pdu: 0, id: 0, restAt: 0, restEnd: 0 }
  const end = enter(reader, TAG.octetString, messageEnd)
  if (end === -1) return null
  const start = reader.at
  reader.at = end
  const pdu = packet[reader.at] ?? 0
  const restEnd = enter(reader, null, messageEnd)
  if (restEnd === -1) return null
  const id = readInteger(reader, restEnd)
  return id === null ? null : { version, start, end, pdu, id, restAt: reader.at, restEnd }
}

export type Response = {
  /** RFC 3416 §3; 0 is success. */
  readonly status: number
  /** The binding that the status is about, counted from 1; 0 for none. */
  readonly index: number
  readonly bindings: readonly Varbind[]
}

/** Null when the inside of the message is garbled. At most so many bindings are read. */
export function readResponse(
  packet: Buffer,
  { restAt, restEnd }: Pick<Header, 'restAt' | 'restEnd'>,
  { oids }: Question,
  most: number,
): Response | null {
  const reader: Reader = { bytes: packet, at: restAt }
  const status = readInteger(reader, restEnd)
  const index = readInteger(reader, restEnd)
  const end = enter(reader, SEQUENCE, restEnd)
  if (status === null || index === null || end === -1) return null
  const bindings: Varbind[] = []
  while (reader.at < end && bindings.length < most) {
    const bindingEnd = enter(reader, SEQUENCE, end)
    const nameEnd = bindingEnd === -1 ? -1 : enter(reader, TAG.oid, bindingEnd)
    if (nameEnd === -1) return null
    // The one that it answers: of a table, the column's.
    const asked = oids[bindings.length % oids.length]
    const oid = readOid(packet, reader.at, nameEnd, asked)
    reader.at = nameEnd
    const type = packet[nameEnd] ?? 0
    const valueEnd = enter(reader, null, bindingEnd)
    if (oid === null || valueEnd === -1) return null
    bindings.push({ oid, type, value: readValue(packet, type, reader.at, valueEnd) })
    reader.at = bindingEnd
  }
  return { status, index, bindings }
}
