import { type Reader, SEQUENCE, enter, readInteger, readOid } from '../snmp/protocol/ber.ts'
import { PDU, WIRE_VERSION } from '../snmp/protocol/message.ts'
import { TAG } from '../snmp/protocol/varbind.ts'
import { trapOidOfV1 } from './names.ts'

/** What a PDU tells, and the id under which its sender waits for an answer: null when it is a trap, which has none. */
export type Notification = { readonly trapOid: string; readonly informId: number | null }

const TRAP_V1 = 0xa4
const INFORM = 0xa6
const TRAP_V2 = 0xa7

/** 1.3.6.1.6.3.1.1.4.1.0 as it is on the wire. */
const SNMP_TRAP_OID = Buffer.from('2b060106030101040100', 'hex')
/** It is the second binding (RFC 3416 §4.2.6); some agents put it later. */
const MOST_BINDINGS = 16
/** An OID of this many bytes becomes a label of reasonable length. */
const MOST_OID_BYTES = 128

/** The trap or inform at `reader`, wholly within `limit`; null when there is none. Never throws. */
export function readNotification(
  reader: Reader,
  limit: number,
  version: number,
): Notification | null {
  const tag = reader.bytes[reader.at]
  const end = enter(reader, null, limit)
  if (end === -1) return null
  if (version === WIRE_VERSION['1']) return tag === TRAP_V1 ? readV1(reader, end) : null
  if (tag !== TRAP_V2 && tag !== INFORM) return null
  const requestId = readInteger(reader, end)
  if (requestId === null) return null
  const trapOid = readTrapOid(reader, end)
  if (trapOid === null) return null
  return { trapOid, informId: tag === INFORM ? requestId : null }
}

/** RFC 1157 §4.1.6. Its agent-addr isn't read: who sent a packet is told by its source address alone. */
function readV1(reader: Reader, limit: number): Notification | null {
  const enterprise = takeOid(reader, limit)
  const agentEnd = enter(reader, TAG.ipAddress, limit)
  if (enterprise === null || agentEnd === -1) return null
  reader.at = agentEnd
  const generic = readInteger(reader, limit)
  const specific = readInteger(reader, limit)
  if (generic === null || specific === null) return null
  if (generic < 0 || generic > 6 || specific < 0 || specific > 0x7fff_ffff) return null
  return { trapOid: trapOidOfV1(enterprise, generic, specific), informId: null }
}

/** The value of snmpTrapOID.0 among the bindings. */
function readTrapOid(reader: Reader, limit: number): string | null {
  if (readInteger(reader, limit) === null || readInteger(reader, limit) === null) return null
  const end = enter(reader, SEQUENCE, limit)
  if (end === -1) return null
  for (let n = 0; n < MOST_BINDINGS; n++) {
    const bindingEnd = enter(reader, SEQUENCE, end)
    const nameEnd = bindingEnd === -1 ? -1 : enter(reader, TAG.oid, bindingEnd)
    if (nameEnd === -1) return null
    const isTrapOid = SNMP_TRAP_OID.equals(reader.bytes.subarray(reader.at, nameEnd))
    reader.at = nameEnd
    if (isTrapOid) return takeOid(reader, bindingEnd)
    reader.at = bindingEnd
  }
  return null
}

function takeOid(reader: Reader, limit: number): string | null {
  const end = enter(reader, TAG.oid, limit)
  if (end === -1 || end - reader.at > MOST_OID_BYTES) return null
  const oid = readOid(reader.bytes, reader.at, end, undefined)
  reader.at = end
  return oid
}

/**
 * A copy of the bytes in which the inform at `pduAt` is the response to it: its own id and bindings under another tag
 * (RFC 3416 §4.2.7), and no error. The inform was read before.
 */
export function toResponse(bytes: Buffer, pduAt: number): Buffer {
  const response = Buffer.from(bytes)
  const reader = { bytes: response, at: pduAt }
  const end = enter(reader, null, response.length)
  response[pduAt] = PDU.response
  readInteger(reader, end)
  for (const _ of ['error-status', 'error-index']) {
    const valueEnd = enter(reader, TAG.integer, end)
    response.fill(0, reader.at, valueEnd)
    reader.at = valueEnd
  }
  return response
}
