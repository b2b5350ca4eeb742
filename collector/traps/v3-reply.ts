import {
  SEQUENCE,
  createWriter,
  wrap,
  writeInteger,
  writeOctets,
  writeOid,
} from '../snmp/protocol/ber.ts'
import { FLAG, USER_SECURITY_MODEL, type V3Head } from '../snmp/protocol/v3/message.ts'
import { TAG } from '../snmp/protocol/varbind.ts'

/** What a reply may be long: what an agent may rely on (RFC 3417 §3.2) is less. */
const MOST_BYTES = 65_507
/** Around the scoped PDU, digest and names at their longest. */
const MOST_AROUND = 256

/** A message with room for its digest: `digestBytes` zeros at `digestAt`. */
export function writeV3Message(
  header: V3Head,
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
  writeInteger(writer, USER_SECURITY_MODEL)
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
