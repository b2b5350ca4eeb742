import {
  SEQUENCE,
  type Writer,
  createWriter,
  wrap,
  writeInteger,
  writeOctets,
  writeOid,
} from '../../../../collector/snmp/protocol/ber.ts'

/** Traps and informs as senders make them. */

const IP_ADDRESS = 0x40
const TIME_TICKS = 0x43
const SYS_UPTIME = '1.3.6.1.2.1.1.3.0'
const SNMP_TRAP_OID = '1.3.6.1.6.3.1.1.4.1.0'

/** Writes an INTEGER under another tag. */
function writeTagged(writer: Writer, tag: number, value: number): void {
  writeInteger(writer, value)
  writer.bytes[writer.at] = tag
}

function writeBinding(writer: Writer, oid: string, writeValue: () => void): void {
  const end = writer.at
  writeValue()
  writeOid(writer, oid)
  wrap(writer, SEQUENCE, end)
}

export type V2Trap = {
  readonly trapOid: string
  readonly community?: string
  readonly requestId?: number
  readonly inform?: boolean
  /** Bindings between sysUpTime.0 and snmpTrapOID.0, where they don't belong. */
  readonly before?: number
}

/** The PDU alone, as v3 has it. */
export function v2Pdu({ trapOid, requestId = 1, inform = false, before = 0 }: V2Trap): Buffer {
  const writer = createWriter(4_096)
  const end = writer.at
  writeBinding(writer, '1.3.6.1.2.1.2.2.1.1.3', () => writeInteger(writer, 3))
  writeBinding(writer, SNMP_TRAP_OID, () => writeOid(writer, trapOid))
  for (let n = 0; n < before; n++)
    writeBinding(writer, `1.3.6.1.4.1.9.${n}`, () => writeInteger(writer, n))
  writeBinding(writer, SYS_UPTIME, () => writeTagged(writer, TIME_TICKS, 4_711))
  wrap(writer, SEQUENCE, end)
  writeInteger(writer, 0)
  writeInteger(writer, 0)
  writeInteger(writer, requestId)
  wrap(writer, inform ? 0xa6 : 0xa7, end)
  return writer.bytes.subarray(writer.at)
}

export function v2Trap(trap: V2Trap): Buffer {
  return communityMessage(1, trap.community ?? 'public', v2Pdu(trap))
}

export type V1Trap = {
  readonly enterprise?: string
  readonly generic: number
  readonly specific?: number
  readonly community?: string
  readonly agentAddress?: Buffer
}

export function v1Trap({
  enterprise = '1.3.6.1.4.1.9.1.1208',
  generic,
  specific = 0,
  community = 'public',
  agentAddress = Buffer.from([192, 0, 2, 99]),
}: V1Trap): Buffer {
  const writer = createWriter(1_024)
  const end = writer.at
  wrap(writer, SEQUENCE, end)
  writeTagged(writer, TIME_TICKS, 4_711)
  writeInteger(writer, specific)
  writeInteger(writer, generic)
  writeOctets(writer, agentAddress)
  writer.bytes[writer.at] = IP_ADDRESS
  writeOid(writer, enterprise)
  wrap(writer, 0xa4, end)
  return communityMessage(0, community, writer.bytes.subarray(writer.at))
}

export function communityMessage(version: number, community: string, pdu: Buffer): Buffer {
  const writer = createWriter(pdu.length + community.length * 3 + 32)
  const end = writer.at
  writer.at -= pdu.length
  pdu.copy(writer.bytes, writer.at)
  writeOctets(writer, Buffer.from(community))
  writeInteger(writer, version)
  wrap(writer, SEQUENCE, end)
  return writer.bytes.subarray(writer.at)
}
