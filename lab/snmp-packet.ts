import { BerReader, BerWriter } from 'asn1-ber'

/** A request of SNMP v1 or v2c as an agent sees it, and the response to it, in BER. */
export type Request = {
  readonly version: 'v1' | 'v2c'
  readonly community: string
  readonly operation: 'get' | 'get-next' | 'get-bulk'
  readonly requestId: number
  readonly nonRepeaters: number
  readonly maxRepetitions: number
  readonly oids: readonly string[]
}

export type Value =
  | { readonly type: 'integer' | 'counter32' | 'gauge32' | 'timeticks'; readonly value: number }
  | { readonly type: 'counter64'; readonly value: number | bigint }
  | { readonly type: 'octets'; readonly value: Buffer }
  | { readonly type: 'oid'; readonly value: string }
  | { readonly type: 'null' | 'noSuchObject' | 'noSuchInstance' | 'endOfMibView' }

/** `name` is the object identifier in BER, tag and length included. */
export type Binding = { readonly name: Buffer; readonly value: Value }

/** RFC 3416 §3; the first three are v1's as well. */
export const ERROR_STATUS = { noError: 0, tooBig: 1, noSuchName: 2, genErr: 5 } as const

export type Outcome = {
  readonly status: number
  /** The binding that the status is about, counted from 1. */
  readonly index: number
  readonly bindings: readonly Binding[]
}

const OPERATIONS = { 0xa0: 'get', 0xa1: 'get-next', 0xa5: 'get-bulk' } as const
const RESPONSE = 0xa2
const OCTETS = 0x04
const TAGS = {
  integer: 0x02,
  octets: OCTETS,
  null: 0x05,
  oid: 0x06,
  counter32: 0x41,
  gauge32: 0x42,
  timeticks: 0x43,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
} as const satisfies Record<Value['type'], number>

/** Null for what isn't a whole request of v1 or v2c: an agent stays silent then. */
export function decodeRequest(packet: Buffer): Request | null {
  try {
    return readRequest(new BerReader(packet))
  } catch {
    return null
  }
}

function readRequest(reader: BerReader): Request | null {
  reader.readSequence(0x30)
  const version = reader.readInt()
  const community = reader.readString(OCTETS, true)
  const tag = reader.readSequence()
  const operation = OPERATIONS[tag as keyof typeof OPERATIONS]
  if ((version !== 0 && version !== 1) || community === null || operation === undefined) return null
  if (version === 0 && operation === 'get-bulk') return null
  const [requestId, second, third] = [reader.readInt(), reader.readInt(), reader.readInt()]
  if (requestId === null || second === null || third === null) return null
  reader.readSequence(0x30)
  const end = reader.offset + reader.length
  const oids: string[] = []
  while (reader.offset < end) {
    const after = reader.readSequence(0x30) === null ? 0 : reader.offset + reader.length
    const oid = reader.readOID()
    if (oid === null || after === 0) return null
    oids.push(oid)
    while (reader.offset < after && reader.readString(reader.peek() ?? 0, true) !== null);
  }
  return {
    version: version === 0 ? 'v1' : 'v2c',
    community: community.toString('latin1'),
    operation,
    requestId,
    nonRepeaters: operation === 'get-bulk' ? Math.max(0, second) : 0,
    maxRepetitions: operation === 'get-bulk' ? Math.max(0, third) : 0,
    oids,
  }
}

export function encodeResponse(request: Request, { status, index, bindings }: Outcome): Buffer {
  const writer = new BerWriter({ size: 2048 })
  writer.startSequence()
  writer.writeInt(request.version === 'v1' ? 0 : 1)
  writer.writeBuffer(Buffer.from(request.community, 'latin1'), OCTETS)
  writer.startSequence(RESPONSE)
  writer.writeInt(request.requestId)
  writer.writeInt(status)
  writer.writeInt(index)
  writer.startSequence()
  for (const { name, value } of bindings) {
    writer.startSequence()
    writer.writeBuffer(name)
    writeValue(writer, value)
    writer.endSequence()
  }
  writer.endSequence()
  writer.endSequence()
  writer.endSequence()
  return writer.buffer
}

export function encodeOid(oid: string): Buffer {
  const writer = new BerWriter({ size: 64 })
  writer.writeOID(oid)
  return writer.buffer
}

function writeValue(writer: BerWriter, value: Value): void {
  const tag = TAGS[value.type]
  switch (value.type) {
    case 'integer':
    case 'counter32':
    case 'gauge32':
    case 'timeticks':
      return writer.writeInt(value.value, tag)
    case 'counter64':
      if (typeof value.value === 'number') return writer.writeInt(value.value, tag)
      return writer.writeBuffer(unsignedBytes(value.value), tag)
    case 'octets':
      return writer.writeBuffer(value.value, tag)
    case 'oid':
      return writer.writeOID(value.value, tag)
    case 'null':
    case 'noSuchObject':
    case 'noSuchInstance':
    case 'endOfMibView':
      writer.writeByte(tag)
      return writer.writeByte(0)
  }
}

/** The fewest bytes that hold it, with a leading zero where the first would read as a sign. */
function unsignedBytes(value: bigint): Buffer {
  const bytes = Buffer.alloc(9)
  bytes.writeBigUInt64BE(BigInt.asUintN(64, value), 1)
  let start = 0
  while (start < 8 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start++
  return bytes.subarray(start)
}
