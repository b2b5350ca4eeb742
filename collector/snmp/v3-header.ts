import type { UserCredential } from '../../lib/config/credential.ts'
import { type Reader, SEQUENCE, enter, readInteger, readOid } from './ber.ts'
import { TAG } from './varbind.ts'

/** As much of a v3 message as is needed to tell whether it may be looked into (RFC 3412 §6, RFC 3414 §2.4). Buffers are views. */
export type V3Header = {
  readonly id: number
  /** Of FLAG, without `reportable`. */
  readonly level: number
  readonly engineId: Buffer
  readonly user: Buffer
  readonly digestAt: number
  readonly digestBytes: number
  /** Null when it is encrypted. */
  readonly pdu: ClearPdu | null
}

export type ClearPdu = {
  readonly tag: number
  readonly requestId: number
  /** The first binding's OID, of a report: what it reports. '' when there is none. */
  readonly reportOid: string
}

export const FLAG = { auth: 1, priv: 2 } as const
export const REPORT_TAG = 0xa8

/** The level of security that a credential asks for, as flags: what is given is used. */
export function levelOf({ auth_password, priv_password }: UserCredential): number {
  if (auth_password === undefined) return 0
  return priv_password === undefined ? FLAG.auth : FLAG.auth | FLAG.priv
}

const VERSION = 3
const USER_SECURITY_MODEL = 3
const SALT_BYTES = 8
const MOST = 2 ** 31 - 1

/**
 * Null when the packet isn't a whole v3 message, or has an element that goes on behind what it should hold: net-snmp
 * pays no heed to ends, and would take what stands there for what comes next.
 */
export function readV3Header(packet: Buffer): V3Header | null {
  const reader: Reader = { bytes: packet, at: 0 }
  const end = enter(reader, SEQUENCE, packet.length)
  if (end === -1 || readInteger(reader, end) !== VERSION) return null
  const globalEnd = enter(reader, SEQUENCE, end)
  const id = readCount(reader, globalEnd)
  const maxSize = readCount(reader, globalEnd)
  const flags = takeOctets(reader, globalEnd)
  const model = readCount(reader, globalEnd)
  if (id === null || maxSize === null || flags?.length !== 1) return null
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

  const level = (flags[0] ?? 0) & (FLAG.auth | FLAG.priv)
  const isSealed = (level & FLAG.priv) !== 0
  if (isSealed && (salt.length !== SALT_BYTES || !isLast(reader, TAG.octetString, end))) return null
  const pdu = isSealed ? null : readScopedPdu(reader, end)
  if (!isSealed && pdu === null) return null
  const digestBytes = digest.length
  return { id, level, engineId, user, digestAt: digestEnd - digestBytes, digestBytes, pdu }
}

function readScopedPdu(reader: Reader, messageEnd: number): ClearPdu | null {
  const end = enter(reader, SEQUENCE, messageEnd)
  if (end !== messageEnd) return null
  if (takeOctets(reader, end) === null || takeOctets(reader, end) === null) return null
  const tag = reader.bytes[reader.at] ?? 0
  if (enter(reader, null, end) !== end) return null
  const requestId = readInteger(reader, end)
  const status = readInteger(reader, end)
  const index = readInteger(reader, end)
  if (requestId === null || status === null || index === null) return null
  if (enter(reader, SEQUENCE, end) !== end) return null
  return { tag, requestId, reportOid: tag === REPORT_TAG ? firstOid(reader, end) : '' }
}

function firstOid(reader: Reader, end: number): string {
  const bindingEnd = enter(reader, SEQUENCE, end)
  const oidEnd = enter(reader, TAG.oid, bindingEnd)
  return oidEnd === -1 ? '' : (readOid(reader.bytes, reader.at, oidEnd, undefined) ?? '')
}

/** True for an element that is the last one before the end, which isn't read. */
const isLast = (reader: Reader, tag: number, end: number): boolean =>
  enter(reader, tag, end) === end

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
