import type { UserCredential } from '../../../../lib/config/credential.ts'
import type { PrivKey } from '../../../../lib/usm/keys.ts'
import { decrypt } from '../../../../lib/usm/seal.ts'
import { type Reader, SEQUENCE, enter, readInteger, readOid } from '../ber.ts'
import { FLAG, LEVEL, type V3Message, openScopedPdu, readV3Message } from './message.ts'
import { TAG } from '../varbind.ts'

/** A v3 message, as much of it as anybody may read who has no keys. */
export type V3Header = V3Message & {
  /** Of FLAG, without `reportable`. */
  readonly level: number
  /** Null when it is encrypted. */
  readonly pdu: ClearPdu | null
}

/** The outside of a PDU, and what is left to read. */
export type ClearPdu = {
  readonly bytes: Buffer
  readonly tag: number
  readonly requestId: number
  /** What comes behind the request's id, and where the PDU ends. */
  readonly restAt: number
  readonly restEnd: number
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
  const level = message.flags & LEVEL
  if ((level & FLAG.priv) !== 0) return { ...message, level, pdu: null }
  const pdu = readScopedPdu(message.data)
  if (pdu === null || pdu.restEnd !== message.data.length) return null
  return { ...message, level, pdu }
}

/** Of a message that is encrypted; null when this key can't have made it. To be called once its digest is known to be right. */
export function readSealedPdu(message: V3Header, priv: PrivKey): ClearPdu | null {
  try {
    return readScopedPdu(decrypt(priv, message.data, message.salt, message))
  } catch {
    // Half a block of DES.
    return null
  }
}

/** Null unless it is a scoped PDU whose elements end where it ends. What fills a last block may follow it. Never throws. */
function readScopedPdu(bytes: Buffer): ClearPdu | null {
  const place = openScopedPdu(bytes)
  if (place === null) return null
  const { at, end } = place
  const reader: Reader = { bytes, at }
  if (enter(reader, null, end) !== end) return null
  const requestId = readInteger(reader, end)
  const restAt = reader.at
  const status = readInteger(reader, end)
  const index = readInteger(reader, end)
  if (requestId === null || status === null || index === null) return null
  if (enter(reader, SEQUENCE, end) !== end) return null
  const tag = bytes[at] ?? 0
  const reportOid = tag === REPORT_TAG ? firstOid(reader, end) : ''
  return { bytes, tag, requestId, restAt, restEnd: end, reportOid }
}

function firstOid(reader: Reader, end: number): string {
  const bindingEnd = enter(reader, SEQUENCE, end)
  const oidEnd = enter(reader, TAG.oid, bindingEnd)
  return oidEnd === -1 ? '' : (readOid(reader.bytes, reader.at, oidEnd, undefined) ?? '')
}
