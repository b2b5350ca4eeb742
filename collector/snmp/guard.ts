/** Why a packet was thrown away. `unasked`: nothing waits for this address; `late`: nothing waits for this answer any more. */
export type DropReason = 'unasked' | 'malformed' | 'version' | 'community' | 'late'

/** What one session waits for: the outside of the messages that it sent and that have no answer yet. */
export type Asked = {
  readonly version: number
  readonly community: Buffer
  readonly requestIds: ReadonlySet<number>
}

/** The outside of a community-based message (RFC 1157, RFC 3416); a v3 message has nothing but its version. */
export type Header = {
  readonly version: number
  readonly community: Buffer
  /** The tag of the PDU: 0xa2 is a response. */
  readonly pdu: number
  readonly requestId: number
}

/** Versions as they are on the wire. */
export const WIRE_VERSION = { '1': 0, '2c': 1 } as const

const SEQUENCE = 0x30
const INTEGER = 0x02
const OCTET_STRING = 0x04
const RESPONSE = 0xa2
const NO_BYTES = Buffer.alloc(0)

/**
 * Whether a packet may be shown to the session that asked: 'answer', or why not. net-snmp forgets a request as soon
 * as any packet has its id, and throws out of its message handler on a v3 packet that reaches a v2c session: so
 * version, community and id are checked before it sees anything. Never throws.
 */
export function judge(packet: Buffer, asked: Asked): 'answer' | DropReason {
  const header = readHeader(packet)
  if (header === null) return 'malformed'
  if (header.version !== asked.version) return 'version'
  if (header.pdu !== RESPONSE) return 'malformed'
  if (!header.community.equals(asked.community)) return 'community'
  return asked.requestIds.has(header.requestId) ? 'answer' : 'late'
}

/** Null when the packet isn't a whole SNMP message. Trailing bytes are allowed: some agents pad. */
export function readHeader(packet: Buffer): Header | null {
  const message = readElement(packet, 0, packet.length, SEQUENCE)
  if (message === null) return null
  const version = readElement(packet, message.start, message.end, INTEGER)
  if (version === null || version.end - version.start !== 1) return null
  const wireVersion = packet.readUInt8(version.start)
  if (wireVersion === 3) {
    return { version: wireVersion, community: NO_BYTES, pdu: 0, requestId: 0 }
  }
  const community = readElement(packet, version.end, message.end, OCTET_STRING)
  if (community === null) return null
  const pdu = readElement(packet, community.end, message.end)
  if (pdu === null) return null
  const id = readElement(packet, pdu.start, pdu.end, INTEGER)
  if (id === null || id.end === id.start || id.end - id.start > 5) return null
  return {
    version: wireVersion,
    community: packet.subarray(community.start, community.end),
    pdu: pdu.tag,
    requestId: packet.readIntBE(id.start, id.end - id.start),
  }
}

type Element = { readonly tag: number; readonly start: number; readonly end: number }

/** One BER element that lies wholly within the limit; null when it doesn't, or has another tag than wanted. */
function readElement(packet: Buffer, at: number, limit: number, wanted?: number): Element | null {
  if (at + 2 > limit) return null
  const tag = packet.readUInt8(at)
  if (wanted !== undefined && tag !== wanted) return null
  let length = packet.readUInt8(at + 1)
  let start = at + 2
  if (length >= 0x80) {
    const bytes = length - 0x80
    if (bytes === 0 || bytes > 6 || start + bytes > limit) return null
    length = packet.readUIntBE(start, bytes)
    start += bytes
  }
  const end = start + length
  return end > limit ? null : { tag, start, end }
}
