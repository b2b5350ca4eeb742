import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { endianness, networkInterfaces } from 'node:os'
import ipaddr from 'ipaddr.js'
import { canonicalAddress } from '../../lib/address.ts'

/** What this machine tells of its surroundings, as the kernel and the resolver write it. */
export type Surroundings = {
  /** /proc/net/route */
  readonly routes: string
  /** /proc/net/ipv6_route */
  readonly routes6: string
  /** /etc/resolv.conf */
  readonly resolvers: string
  /** This machine's own addresses. */
  readonly own: readonly string[]
}

export async function lookAround(): Promise<Surroundings> {
  const textOf = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
  const [routes, routes6, resolvers] = await Promise.all(
    ['/proc/net/route', '/proc/net/ipv6_route', '/etc/resolv.conf'].map(textOf),
  )
  return {
    routes: routes ?? '',
    routes6: routes6 ?? '',
    resolvers: resolvers ?? '',
    own: ownAddresses(),
  }
}

export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address))

/** Whether an address in canonical form is this machine itself: it answers whatever is lost. Asked for every probe. */
export const isHere = (address: string, own: ReadonlySet<string>): boolean =>
  own.has(address) || address.startsWith('127.') || address === '::1'

/** What answers as long as the network does: the default gateways and the resolvers, each once. */
export function findCanaries({ routes, routes6, resolvers, own }: Surroundings): string[] {
  const mine = new Set(own.map(withoutZone))
  const found = [...gateways(routes), ...gateways6(routes6), ...nameservers(resolvers)]
  return [...new Set(found)].filter(
    (address) => !mine.has(withoutZone(address)) && !isLoopback(address),
  )
}

const ROUTE_IS_VIA_GATEWAY = 0x2

/** Lines `eth0 00000000 0102A8C0 0003 …`: interface, destination, gateway, flags, and the mask as the eighth. */
function gateways(routes: string): string[] {
  return routes.split('\n').flatMap((line) => {
    const [, destination, gateway = '', flags = '', , , , mask] = line.trim().split(/\s+/)
    const isDefault = Number(`0x${destination}`) === 0 && Number(`0x${mask}`) === 0
    if (!isDefault || (Number(`0x${flags}`) & ROUTE_IS_VIA_GATEWAY) === 0) return []
    const bytes = gateway.match(/../g)?.map((byte) => Number.parseInt(byte, 16)) ?? []
    // The kernel prints a number: its bytes are in this machine's order.
    return (endianness() === 'LE' ? bytes.toReversed() : bytes).join('.')
  })
}

/** Lines `destination length source length next-hop metric … flags interface`, addresses as 32 hexadecimal digits. */
function gateways6(routes: string): string[] {
  return routes.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/)
    const [destination = '', length, , , hop = ''] = fields
    if (!/^0{32}$/.test(destination) || length !== '00' || /^0*$/.test(hop)) return []
    const address = canonicalAddress((hop.match(/.{4}/g) ?? []).join(':'))
    // An address that is valid on one link only needs its name.
    return /^fe[89ab]/i.test(address) ? `${address}%${fields.at(-1)}` : address
  })
}

function nameservers(resolvers: string): string[] {
  return [...resolvers.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)]
    .map(([, address = '']) => address)
    .filter((address) => isIP(address) !== 0)
}

const withoutZone = (address: string): string => address.split('%')[0] ?? ''
const isLoopback = (address: string): boolean =>
  ipaddr.process(withoutZone(address)).range() === 'loopback'
