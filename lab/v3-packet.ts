/** Messages of SNMPv3 in BER (RFC 3412 §6, RFC 3414 §2.4), as an agent reads and writes them. */
export type V3Message = {
  readonly id: number
  /** Of FLAG. */
  readonly flags: number
  readonly engineId: Buffer
  readonly boots: number
  readonly time: number
  readonly user: Buffer
  readonly salt: Buffer
  /** The scoped PDU: a whole element, or what the cipher made of one. */
  readonly data: Buffer
}

/** Where a message has its digest. */
export type DigestPlace = { readonly digestAt: number; readonly digestBytes: number }

export const FLAG = { auth: 1, priv: 2, reportable: 4 } as const

const INTEGER = 0x02
const OCTETS = 0x04
const OID = 0x06
const SEQUENCE = 0x30
const COUNTER32 = 0x41
const REPORT = 0xa8
const VERSION = 3
const USER_SECURITY_MODEL = 3
const MOST_BYTES = 65_507

/** Null for what isn't a message of v3. */
export function readV3Message(packet: Buffer): (V3Message & DigestPlace) | null {
  const [message] = elementsIn(packet, 0, packet.length)
  if (message?.tag !== SEQUENCE) return null
  const [version, global, parameters, data] = elementsIn(packet, message.at, message.end)
  if (version === undefined || numberOf(packet, version) !== VERSION) return null
  if (global === undefined || parameters === undefined || data === undefined) return null
  const [id, , flags] = elementsIn(packet, global.at, global.end)
  const [usm] = elementsIn(packet, parameters.at, parameters.end)
  if (id === undefined || flags === undefined || usm === undefined) return null
  const [engineId, boots, time, user, digest, salt] = elementsIn(packet, usm.at, usm.end)
  if (engineId === undefined || boots === undefined || time === undefined) return null
  if (user === undefined || digest === undefined || salt === undefined) return null
  const bytesOf = ({ at, end }: Element): Buffer => packet.subarray(at, end)
  return {
    id: numberOf(packet, id),
    flags: packet[flags.at] ?? 0,
    engineId: bytesOf(engineId),
    boots: numberOf(packet, boots),
    time: numberOf(packet, time),
    user: bytesOf(user),
    salt: bytesOf(salt),
    data: data.tag === OCTETS ? bytesOf(data) : packet.subarray(data.tagAt, data.end),
    digestAt: digest.at,
    digestBytes: digest.end - digest.at,
  }
}

/** With zeros in place of the digest. */
export function writeV3Message(
  { id, flags, engineId, boots, time, user, salt, data }: V3Message,
  digestBytes: number,
): { readonly packet: Buffer } & DigestPlace {
  const body = (flags & FLAG.priv) === 0 ? data : element(OCTETS, data)
  const afterDigest = element(OCTETS, salt)
  const usm = [
    element(OCTETS, engineId),
    integer(boots),
    integer(time),
    element(OCTETS, user),
    element(OCTETS, Buffer.alloc(digestBytes)),
    afterDigest,
  ]
  const packet = element(
    SEQUENCE,
    integer(VERSION),
    element(
      SEQUENCE,
      integer(id),
      integer(MOST_BYTES),
      element(OCTETS, Buffer.from([flags])),
      integer(USER_SECURITY_MODEL),
    ),
    element(OCTETS, element(SEQUENCE, ...usm)),
    body,
  )
  const digestAt = packet.length - body.length - afterDigest.length - digestBytes
  return { packet, digestAt, digestBytes }
}

export const scopedPdu = (engineId: Buffer, pdu: Buffer): Buffer =>
  element(SEQUENCE, element(OCTETS, engineId), element(OCTETS), pdu)

/** The PDU in a scoped one; null when that is none. */
export function pduIn(scoped: Buffer): Buffer | null {
  const [outer] = elementsIn(scoped, 0, scoped.length)
  if (outer?.tag !== SEQUENCE) return null
  const [, , pdu] = elementsIn(scoped, outer.at, outer.end)
  return pdu === undefined ? null : scoped.subarray(pdu.tagAt, pdu.end)
}

/** `counter` is the last arc but one of what is reported, below usmStats (1.3.6.1.6.3.15.1.1). */
export function reportPdu(counter: number): Buffer {
  const oid = Buffer.from([0x2b, 6, 1, 6, 3, 15, 1, 1, counter, 0])
  const binding = element(SEQUENCE, element(OID, oid), element(COUNTER32, Buffer.from([1])))
  return element(REPORT, integer(0), integer(0), integer(0), element(SEQUENCE, binding))
}

/** A PDU in a message of v2c without a community, and back: what answers those answers this. */
export const inV2c = (pdu: Buffer): Buffer => element(SEQUENCE, integer(1), element(OCTETS), pdu)

export function pduInV2c(packet: Buffer): Buffer | null {
  const [message] = elementsIn(packet, 0, packet.length)
  if (message === undefined) return null
  const [, , pdu] = elementsIn(packet, message.at, message.end)
  return pdu === undefined ? null : packet.subarray(pdu.tagAt, pdu.end)
}

export function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const head = length < 0x80 ? [tag, length] : [tag, 0x82, length >>> 8, length & 0xff]
  return Buffer.concat([Buffer.from(head), ...parts])
}

/** Of 32 bits, not negative. */
export function integer(value: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt32BE(value, 1)
  let start = 0
  while (start < 4 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start++
  return element(INTEGER, bytes.subarray(start))
}

type Element = {
  readonly tag: number
  readonly tagAt: number
  readonly at: number
  readonly end: number
}

/** Those that lie one behind another, up to the first that is cut. */
function elementsIn(bytes: Buffer, from: number, to: number): Element[] {
  const found: Element[] = []
  for (let tagAt = from; tagAt + 2 <= to;) {
    const first = bytes[tagAt + 1] ?? 0
    const octets = first < 0x80 ? 0 : first & 0x7f
    const at = tagAt + 2 + octets
    if (octets > 4 || at > to) break
    const end = at + (octets === 0 ? first : bytes.readUIntBE(tagAt + 2, octets))
    if (end > to) break
    found.push({ tag: bytes[tagAt] ?? 0, tagAt, at, end })
    tagAt = end
  }
  return found
}

function numberOf(bytes: Buffer, { at, end }: Element): number {
  return end > at && end - at <= 5 ? bytes.readUIntBE(at, end - at) : -1
}
