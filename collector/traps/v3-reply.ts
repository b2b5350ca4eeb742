import {
  SEQUENCE,
  createWriter,
  wrap,
  writeInteger,
  writeOctets,
  writeOid,
} from '../snmp/protocol/ber.ts'
import { TAG } from '../snmp/protocol/varbind.ts'

/** Names and counter at their longest. */
const MOST_BYTES = 256

const REPORT = 0xa8

/** A scoped PDU that says which of our counters of refusals went up (RFC 3414 §3.2). */
export function writeReport(contextEngineId: Buffer, counterOid: string, count: number): Buffer {
  const writer = createWriter(MOST_BYTES)
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
