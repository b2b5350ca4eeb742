import ipaddr from 'ipaddr.js'

export type Address = ipaddr.IPv4 | ipaddr.IPv6
export type Range = { readonly address: Address; readonly bits: number }

/** What nothing is sent to unless the configuration allows it, and what is there. */
export const CLOSED_RANGES: readonly (readonly [cidr: string, what: string])[] = [
  ['0.0.0.0/8', 'no address of a machine'],
  ['::/128', 'no address of a machine'],
  ['169.254.0.0/16', 'link-local, where clouds answer with the secrets of their machines'],
  ['fe80::/10', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['ff00::/8', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  // What clouds have outside of the link-local ranges.
  ['100.100.100.200/32', 'the metadata of a cloud'],
  ['168.63.129.16/32', 'the metadata of a cloud'],
  ['192.0.0.192/32', 'the metadata of a cloud'],
  ['fd00:ec2::254/128', 'the metadata of a cloud'],
  ['fd00:ec2::23/128', 'the metadata of a cloud'],
  ['fd00:42::42/128', 'the metadata of a cloud'],
  ['fd20:ce::254/128', 'the metadata of a cloud'],
]

/** Names by which clouds call the same: refused before anybody is asked what they mean. */
export const CLOSED_NAMES: readonly string[] = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'metadata.azure.internal',
  'metadata.tencentyun.com',
  'instance-data',
  'instance-data.ec2.internal',
]

/** `10.0.0.0/8`, or one address; null when the text is neither. */
export function parseRange(text: string): Range | null {
  const [address = '', bits, ...more] = text.split('/')
  const parsed = parseAddress(address)
  if (parsed === null || more.length > 0) return null
  const most = parsed.kind() === 'ipv4' ? 32 : 128
  if (bits === undefined) return { address: parsed, bits: most }
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return null
  return { address: parsed, bits: Number(bits) }
}

/** An address as people write it; of the forms that only machines read, such as 0x7f.1, none is one. */
export function parseAddress(text: string): Address | null {
  const isWritten = ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)
  return isWritten ? ipaddr.parse(text) : null
}

export const holds = ({ address, bits }: Range, other: Address): boolean =>
  address.kind() === other.kind() && other.match(address as ipaddr.IPv4, bits)

/** IPv6 prefixes behind which an IPv4 address is: where it begins, in bytes, and whether it is written inverted. */
const EMBEDDING: readonly { range: Range; at: number; isInverted?: boolean; isSame?: boolean }[] = [
  { range: ranged('::ffff:0:0/96'), at: 12, isSame: true }, // IPv4-mapped (RFC 4291)
  { range: ranged('::ffff:0:0:0/96'), at: 12 }, // IPv4-translated (RFC 7915)
  { range: ranged('64:ff9b::/96'), at: 12 }, // NAT64 (RFC 6052)
  { range: ranged('64:ff9b:1::/48'), at: 12 }, // NAT64 of a network's own (RFC 8215)
  { range: ranged('2002::/16'), at: 2 }, // 6to4 (RFC 3056)
  { range: ranged('2001::/32'), at: 4 }, // Teredo's server (RFC 4380)
  { range: ranged('2001::/32'), at: 12, isInverted: true }, // and its client
  { range: ranged('::/96'), at: 12 }, // IPv4-compatible (RFC 4291)
]

/** What reaching an address may mean: itself, and the IPv4 addresses that are written inside of it. */
export function meaningsOf(address: Address): readonly Address[] {
  if (address.kind() === 'ipv4' || isLoopback(address)) return [address]
  const bytes = address.toByteArray()
  const found = EMBEDDING.filter(({ range }) => holds(range, address))
  const inside = found.map(({ at, isInverted }) => {
    const part = bytes.slice(at, at + 4)
    return new ipaddr.IPv4(isInverted === true ? part.map((byte) => byte ^ 0xff) : part)
  })
  return found.some(({ isSame }) => isSame === true) ? inside : [address, ...inside]
}

const isLoopback = (address: Address): boolean => address.range() === 'loopback'

function ranged(text: string): Range {
  const range = parseRange(text)
  if (range === null) throw new Error(`${text} is no range`)
  return range
}
