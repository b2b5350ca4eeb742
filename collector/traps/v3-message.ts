import {
  type Reader,
  SEQUENCE,
  createWriter,
  enter,
  readInteger,
  wrap,
  writeInteger,
  writeOctets,
  writeOid,
} from '../snmp/ber.ts'
import { TAG } from '../snmp/varbind.ts'

/** A v3 message as it is on the wire (RFC 3412 §6, RFC 3414 §2.4). Buffers are views of the packet. */
export type V3Message = V3Header & {
  /** Where the digest is in the packet. */
  readonly digestAt: number
  readonly digestBytes: number
  /** The scoped PDU, sealed or not: its content when it is sealed, all of its element otherwise. */
  readonly data: Buffer
}

export type V3Header = {
  readonly id: number
  readonly flags: number
  readonly engineId: Buffer
  readonly boots: number
  readonly time: number
  readonly user: Buffer
  /** What the cipher's first block is made from; empty without privacy. */
  readonly salt: Buffer
}

export const FLAG = { auth: 1, priv: 2, reportable: 4 } as const

const USM = 3
const MOST_ENGINE_ID_BYTES = 32
const MOST_USER_BYTES = 32
const MOST = 2 ** 31 - 1

/** The message whose header begins at `reader`; null when it isn't well formed. Never throws. */
export function readV3Message(packet: Buffer, at: number, end: number): V3Message | null {
  const reader: Reader = { bytes: packet, at }
  const globalEnd = enter(reader, SEQUENCE, end)
  if (globalEnd === -1) return null
  const id = readInteger(reader, globalEnd)
  const maxSize = readInteger(reader, globalEnd)
  const flags = takeOctets(reader, globalEnd)
  const model = readInteger(reader, globalEnd)
  if (!isCount(id) || maxSize === null || flags?.length !== 1 || model !== USM) return null
  reader.at = globalEnd
  const parametersEnd = enter(reader, TAG.octetString, end)
  const usmEnd = parametersEnd === -1 ? -1 : enter(reader, SEQUENCE, parametersEnd)
  if (usmEnd === -1) return null
  const engineId = takeOctets(reader, usmEnd)
  const boots = readInteger(reader, usmEnd)
  const time = readInteger(reader, usmEnd)
  const user = takeOctets(reader, usmEnd)
  const digest = takeOctets(reader, usmEnd)
  const digestEnd = reader.at
  const salt = takeOctets(reader, usmEnd)
  if (engineId === null || user === null || digest === null || salt === null) return null
  if (!isCount(boots) || !isCount(time)) return null
  if (engineId.length > MOST_ENGINE_ID_BYTES || user.length > MOST_USER_BYTES) return null
  reader.at = parametersEnd
  const data = takeData(reader, end, ((flags[0] ?? 0) & FLAG.priv) !== 0)
  if (data === null) return null
  return {
    id,
    flags: flags[0] ?? 0,
    engineId,
    boots,
    time,
    user,
    salt,
    digestAt: digestEnd - digest.length,
    digestBytes: digest.length,
    data,
  }
}

const isCount = (value: number | null): value is number =>
  value !== null && value >= 0 && value <= MOST

function takeOctets(reader: Reader, limit: number): Buffer | null {
  const end = enter(reader, TAG.octetString, limit)
  if (end === -1) return null
  const octets = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return octets
}

function takeData(reader: Reader, limit: number, isSealed: boolean): Buffer | null {
  const { at } = reader
  const end = enter(reader, isSealed ? TAG.octetString : SEQUENCE, limit)
  return end === -1 ? null : reader.bytes.subarray(isSealed ? reader.at : at, end)
}

/** Where the PDU begins in a scoped PDU, and where that ends; null when it isn't well formed. */
export function openScopedPdu(
  scoped: Buffer,
): { readonly at: number; readonly end: number } | null {
  const reader: Reader = { bytes: scoped, at: 0 }
  const end = enter(reader, SEQUENCE, scoped.length)
  if (end === -1) return null
  if (takeOctets(reader, end) === null || takeOctets(reader, end) === null) return null
  return { at: reader.at, end }
}

/** What a reply may be long: what an agent may rely on (RFC 3417 §3.2) is less. */
const MOST_BYTES = 65_507
/** Around the scoped PDU, digest and names at their longest. */
const MOST_AROUND = 256

/** A message with room for its digest: `digestBytes` zeros at `digestAt`. */
export function writeV3Message(
  header: V3Header,
  data: Buffer,
  digestBytes: number,
): { readonly packet: Buffer; readonly digestAt: number } {
  const writer = createWriter(data.length + MOST_AROUND)
  const end = writer.at
  if ((header.flags & FLAG.priv) === 0) {
    writer.at -= data.length
    data.copy(writer.bytes, writer.at)
  } else {
    writeOctets(writer, data)
  }
  const parametersEnd = writer.at
  writeOctets(writer, header.salt)
  writeOctets(writer, Buffer.alloc(digestBytes))
  // A digest is shorter than 128 bytes: tag and length take one byte each.
  const digestAt = writer.at + 2
  writeOctets(writer, header.user)
  writeInteger(writer, header.time)
  writeInteger(writer, header.boots)
  writeOctets(writer, header.engineId)
  wrap(writer, SEQUENCE, parametersEnd)
  wrap(writer, TAG.octetString, parametersEnd)
  const globalEnd = writer.at
  writeInteger(writer, USM)
  writeOctets(writer, Buffer.from([header.flags]))
  writeInteger(writer, MOST_BYTES)
  writeInteger(writer, header.id)
  wrap(writer, SEQUENCE, globalEnd)
  writeInteger(writer, 3)
  wrap(writer, SEQUENCE, end)
  return { packet: writer.bytes.subarray(writer.at), digestAt: digestAt - writer.at }
}

const REPORT = 0xa8

/** A scoped PDU that says which of our counters of refusals went up (RFC 3414 §3.2). */
export function writeReport(contextEngineId: Buffer, counterOid: string, count: number): Buffer {
  const writer = createWriter(MOST_AROUND)
  const end = writer.at
  writeInteger(writer, count)
  writer.bytes[writer.at] = TAG.counter32
  writeOid(writer, counterOid)
  wrap(writer, SEQUENCE, end)
  wrap(writer, SEQUENCE, end)
  for (const _ of ['error-index', 'error-status', 'request-id']) writeInteger(writer, 0)
  wrap(writer, REPORT, end)
  writeOctets(writer, Buffer.alloc(0))
  writeOctets(writer, contextEngineId)
  wrap(writer, SEQUENCE, end)
  return writer.bytes.subarray(writer.at)
}
