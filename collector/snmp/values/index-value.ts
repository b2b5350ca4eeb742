import { decodeText, toHex } from './octet-text.ts'

/** What one index of a row says, the sub-identifiers that it took, and those that the next one begins with. */
export type IndexValue = {
  readonly text: string
  readonly used: readonly number[]
  readonly rest: readonly number[]
}

export type IndexShape = {
  readonly type: string
  readonly fixedSize?: number | null
  readonly implied?: boolean
  readonly enumValues?: Readonly<Record<number, string>> | undefined
}

/** Types whose kind is told by a number in front (an index) or in the column before (a value): RFC 4001, LLDP-MIB. */
export const COMBINED_TYPES: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  InetAddress: { 1: 'InetAddressIPv4', 2: 'InetAddressIPv6' },
  InetAddressMissingSize: { 1: 'InetAddressIPv4', 2: 'InetAddressIPv6' },
  LldpPortId: {
    1: 'DisplayString',
    2: 'DisplayString',
    3: 'PhysAddress48',
    5: 'DisplayString',
    7: 'DisplayString',
  },
}

export const INDEX_TYPES = [
  'gauge',
  'counter',
  'Integer',
  'Integer32',
  'OctetString',
  'DisplayString',
  'PhysAddress48',
  'InetAddressIPv4',
  'InetAddressIPv6',
  'InetAddress',
  'InetAddressMissingSize',
  'LldpPortId',
  'EnumAsInfo',
] as const

/** An index may claim any length; an OID has 128 sub-identifiers at most (RFC 2578 §3.5), octets of a value more. */
const MAX_LENGTH = 1_024

/**
 * Reads an index off the front of a row's sub-identifiers (RFC 2578 §7.7), and as snmp_exporter does, the octets of a
 * value too. Missing ones count as 0: some agents leave zeros at the end out.
 */
export function readIndex(subIds: readonly number[], shape: IndexShape): IndexValue {
  switch (shape.type) {
    case 'OctetString':
      return readOctets(subIds, shape, toHex)
    case 'DisplayString':
      return readOctets(subIds, shape, decodeText)
    case 'PhysAddress48':
      return readParts(subIds, 6, (parts) => parts.map(hexByte).join(':'))
    case 'InetAddressIPv4':
      return readParts(subIds, 4, (parts) => parts.join('.'))
    case 'InetAddressIPv6':
      return readParts(subIds, 16, inPairs)
    case 'EnumAsInfo':
      return readParts(subIds, 1, ([value = 0]) => shape.enumValues?.[value] ?? String(value))
    case 'InetAddress':
    case 'InetAddressMissingSize':
    case 'LldpPortId':
      return readCombined(subIds, shape)
    default:
      return readParts(subIds, 1, String)
  }
}

function readCombined(subIds: readonly number[], { type, enumValues }: IndexShape): IndexValue {
  const isSizeMissing = type === 'InetAddressMissingSize'
  const front = take(subIds, isSizeMissing ? 1 : 2)
  const [kind = 0, length = 0] = front.used
  const meant = COMBINED_TYPES[type]?.[kind]
  if (meant !== undefined) {
    const { text, used, rest } = readIndex(front.rest, { type: meant, enumValues })
    return { text, used: [...front.used, ...used], rest }
  }
  // Kinds without a form of their own (names, zones) are hex together with the kind and the length.
  if (isSizeMissing) return readIndex(subIds, { type: 'OctetString', implied: true })
  return readIndex(subIds, { type: 'OctetString', fixedSize: length + 2 })
}

/** As long as it always is, or all that is left, or as long as the first sub-identifier says. */
function readOctets(
  subIds: readonly number[],
  { fixedSize, implied }: IndexShape,
  toText: (bytes: Buffer) => string,
): IndexValue {
  const known = implied === true ? subIds.length : (fixedSize ?? 0)
  const front = known === 0 ? take(subIds, 1) : { used: [], rest: subIds }
  const content = take(front.rest, known === 0 ? (front.used[0] ?? 0) : known)
  const text = toText(Buffer.from(content.used))
  return { text, used: [...front.used, ...content.used], rest: content.rest }
}

function readParts(
  subIds: readonly number[],
  count: number,
  toText: (parts: readonly number[]) => string,
): IndexValue {
  const { used, rest } = take(subIds, count)
  return { text: toText(used), used, rest }
}

function take(subIds: readonly number[], count: number): Pick<IndexValue, 'used' | 'rest'> {
  const length = Math.min(count, MAX_LENGTH)
  const used = subIds.slice(0, length)
  while (used.length < length) used.push(0)
  return { used, rest: subIds.slice(length) }
}

const hexByte = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0')

/** `0102:0304:…` */
const inPairs = (parts: readonly number[]): string =>
  parts.reduce((text, byte, i) => text + (i > 0 && i % 2 === 0 ? ':' : '') + hexByte(byte), '')
