import { type Reader, SEQUENCE, enter, readInteger } from '../snmp/protocol/ber.ts'
import { WIRE_VERSION } from '../snmp/protocol/message.ts'
import { TAG } from '../snmp/protocol/varbind.ts'

/** The outside of a message of v1 or v2c (RFC 1157, RFC 3416); of v3 the version alone. */
export type Envelope = {
  readonly version: number
  /** A view of the packet; empty for v3. */
  readonly community: Buffer
  /** Where the PDU begins; of v3 nothing to go by. */
  readonly at: number
  readonly end: number
}

const NO_BYTES = Buffer.alloc(0)
const VERSIONS: ReadonlySet<number> = new Set(Object.values(WIRE_VERSION))

/** Null when the packet isn't a whole SNMP message. Bytes after it are left alone: some agents pad. Never throws. */
export function openEnvelope(packet: Buffer): Envelope | null {
  const reader: Reader = { bytes: packet, at: 0 }
  const end = enter(reader, SEQUENCE, packet.length)
  if (end === -1) return null
  const version = readInteger(reader, end)
  if (version === null || !VERSIONS.has(version)) return null
  if (version === WIRE_VERSION['3']) return { version, community: NO_BYTES, at: reader.at, end }
  const communityEnd = enter(reader, TAG.octetString, end)
  if (communityEnd === -1) return null
  return { version, community: packet.subarray(reader.at, communityEnd), at: communityEnd, end }
}
