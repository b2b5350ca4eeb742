import type { UserCredential } from '../../../../lib/config/credential.ts'
import { type Reader, SEQUENCE, enter, readInteger, readOid } from '../ber.ts'
import { FLAG, LEVEL, openScopedPdu, readV3Message } from './message.ts'
import { TAG } from '../varbind.ts'

/** As much of a v3 message as is needed to tell whether it may be looked into. Buffers are views. */
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

export const REPORT_TAG = 0xa8

/** The level of security that a credential asks for, as flags: what is given is used. */
export function levelOf({ auth_password, priv_password }: UserCredential): number {
  if (auth_password === undefined) return 0
  return priv_password === undefined ? FLAG.auth : FLAG.auth | FLAG.priv
}

/** Null when the packet isn't a whole v3 message, or isn't one to its end. */
export function readV3Header(packet: Buffer): V3Header | null {
  const message = readV3Message(packet)
  if (message === null) return null
  const { id, flags, engineId, user, digestAt, digestBytes, data } = message
  const isSealed = (flags & FLAG.priv) !== 0
  const pdu = isSealed ? null : readClearPdu(data)
  if (!isSealed && pdu === null) return null
  return { id, level: flags & LEVEL, engineId, user, digestAt, digestBytes, pdu }
}

/** Of a whole scoped PDU, whose elements end where it ends. */
function readClearPdu(scoped: Buffer): ClearPdu | null {
  const place = openScopedPdu(scoped)
  if (place === null || place.end !== scoped.length) return null
  const { at, end } = place
  const reader: Reader = { bytes: scoped, at }
  if (enter(reader, null, end) !== end) return null
  const requestId = readInteger(reader, end)
  const status = readInteger(reader, end)
  const index = readInteger(reader, end)
  if (requestId === null || status === null || index === null) return null
  if (enter(reader, SEQUENCE, end) !== end) return null
  const tag = scoped[at] ?? 0
  return { tag, requestId, reportOid: tag === REPORT_TAG ? firstOid(reader, end) : '' }
}

function firstOid(reader: Reader, end: number): string {
  const bindingEnd = enter(reader, SEQUENCE, end)
  const oidEnd = enter(reader, TAG.oid, bindingEnd)
  return oidEnd === -1 ? '' : (readOid(reader.bytes, reader.at, oidEnd, undefined) ?? '')
}
