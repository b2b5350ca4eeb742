import { SALT_BYTES } from '../../../../lib/usm/seal.ts'
import { type Reader, SEQUENCE, enter, readInteger } from '../ber.ts'
import { WIRE_VERSION } from '../message.ts'
import { TAG } from '../varbind.ts'

/** A v3 message as it is on the wire (RFC 3412 §6, RFC 3414 §2.4). Buffers are views of the packet. */
export type V3Message = V3Head & {
  /** Where the digest is in the packet, and where the message ends. */
  readonly digestAt: number
  readonly digestBytes: number
  readonly end: number
  /** The scoped PDU: the content of what is sealed, all of its element otherwise. */
  readonly data: Buffer
}

export type V3Head = {
  readonly id: number
  /** Of FLAG. */
  readonly flags: number
  readonly engineId: Buffer
  readonly boots: number
  readonly time: number
  readonly user: Buffer
  /** What the cipher's first block is made from; empty without privacy. */
  readonly salt: Buffer
}

export const FLAG = { auth: 1, priv: 2, reportable: 4 } as const
/** The flags that say how a message is protected. */
export const LEVEL = FLAG.auth | FLAG.priv

export const USER_SECURITY_MODEL = 3
const MOST_ENGINE_ID_BYTES = 32
const MOST_USER_BYTES = 32
const MOST = 2 ** 31 - 1

/**
 * Null when the packet isn't a whole v3 message, or has an element that goes on behind what it should hold. Bytes behind
 * the message are left alone. Never throws.
 */
export function readV3Message(packet: Buffer): V3Message | null {
  const reader: Reader = { bytes: packet, at: 0 }
  const end = enter(reader, SEQUENCE, packet.length)
  if (end === -1 || readInteger(reader, end) !== WIRE_VERSION['3']) return null
  const globalEnd = enter(reader, SEQUENCE, end)
  const id = readCount(reader, globalEnd)
  const maxSize = readCount(reader, globalEnd)
  const flagOctets = takeOctets(reader, globalEnd)
  const model = readCount(reader, globalEnd)
  if (id === null || maxSize === null || flagOctets?.length !== 1) return null
  if (model !== USER_SECURITY_MODEL || reader.at !== globalEnd) return null

  const parametersEnd = enter(reader, TAG.octetString, end)
  const usmEnd = enter(reader, SEQUENCE, parametersEnd)
  if (usmEnd !== parametersEnd) return null
  const engineId = takeOctets(reader, usmEnd)
  const boots = readCount(reader, usmEnd)
  const time = readCount(reader, usmEnd)
  const user = takeOctets(reader, usmEnd)
  const digest = takeOctets(reader, usmEnd)
  const digestEnd = reader.at
  const salt = takeOctets(reader, usmEnd)
  if (engineId === null || boots === null || time === null || user === null) return null
  if (digest === null || salt === null || reader.at !== usmEnd) return null
  if (engineId.length > MOST_ENGINE_ID_BYTES || user.length > MOST_USER_BYTES) return null

  const [flags = 0] = flagOctets
  const isSealed = (flags & FLAG.priv) !== 0
  if (isSealed && salt.length !== SALT_BYTES) return null
  if (enter(reader, isSealed ? TAG.octetString : SEQUENCE, end) !== end) return null
  const data = packet.subarray(isSealed ? reader.at : usmEnd, end)
  const digestBytes = digest.length
  const digestAt = digestEnd - digestBytes
  return { id, flags, engineId, boots, time, user, salt, digestAt, digestBytes, end, data }
}

/**
 * Where the PDU begins in a scoped PDU, and where that ends; null when it isn't well formed. Bytes behind it are allowed:
 * what was sealed may be filled up to whole blocks.
 */
export function openScopedPdu(
  scoped: Buffer,
): { readonly at: number; readonly end: number } | null {
  const reader: Reader = { bytes: scoped, at: 0 }
  const end = enter(reader, SEQUENCE, scoped.length)
  if (end === -1) return null
  if (takeOctets(reader, end) === null || takeOctets(reader, end) === null) return null
  return { at: reader.at, end }
}

function takeOctets(reader: Reader, limit: number): Buffer | null {
  const end = enter(reader, TAG.octetString, limit)
  if (end === -1) return null
  const octets = reader.bytes.subarray(reader.at, end)
  reader.at = end
  return octets
}

function readCount(reader: Reader, limit: number): number | null {
  const value = readInteger(reader, limit)
  return value === null || value < 0 || value > MOST ? null : value
}
