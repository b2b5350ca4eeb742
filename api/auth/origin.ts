import type { HttpBindings } from '@hono/node-server'
import ipaddr from 'ipaddr.js'
import type { Context } from 'hono'
import type { AuthConfig } from '../../lib/config/auth.ts'
import { isLoopback } from '../../lib/config/auth.ts'
import { parseListen } from '../../lib/listen-address.ts'
import { Problem } from '../problem.ts'

/** Where a request comes from, and by which name wardline was reached. */
export type Origins = {
  /** The address of the client: of proxies that are trusted, what they say it is. */
  addressOf(c: Context): string
  /** Whether the client sees wardline by https. */
  isSecure(c: Context): boolean
  /** Throws Problem 421 for a name that isn't wardline's: somebody's page may have led a browser here under it. */
  checkHost(c: Context): void
  /** Throws Problem 403 for a write that a page of another site may have made a browser send. */
  checkSameSite(c: Context, isByCookie: boolean): void
}

export function createOrigins({
  auth,
  listen,
  externalUrl,
}: {
  auth: Pick<AuthConfig, 'hosts' | 'trusted_proxies'>
  listen: string
  externalUrl: string
}): Origins {
  const isTrusted = isAmong(auth.trusted_proxies)
  const external = new URL(externalUrl)
  const names = new Set([
    bare(external.hostname),
    parseListen(listen).host.toLowerCase(),
    ...auth.hosts,
  ])

  const forwarded = (c: Context, name: string): string[] =>
    (c.req.header(name) ?? '')
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean)

  function isSecure(c: Context): boolean {
    const peer = peerOf(c)
    if (peer !== null && isTrusted(peer)) {
      const said = forwarded(c, 'x-forwarded-proto').at(-1)
      if (said !== undefined) return said === 'https'
    }
    return external.protocol === 'https:' && hostOf(c) === external.host
  }

  return {
    addressOf(c) {
      let address = peerOf(c) ?? 'unknown'
      // From the nearest proxy on: what lies beyond one that isn't trusted may be made up.
      for (const hop of forwarded(c, 'x-forwarded-for').reverse()) {
        if (!isTrusted(address) || !ipaddr.isValid(hop)) break
        address = canonical(hop)
      }
      return networkOf(address)
    },
    isSecure,
    checkHost(c) {
      const host = bare(hostOf(c).replace(/:\d+$/, '')).toLowerCase()
      // An address isn't a name that somebody could have led here.
      if (names.has(host) || isLoopback(host) || ipaddr.isValid(host)) return
      throw new Problem(
        421,
        'Not this host',
        `${JSON.stringify(host)} is none of wardline's names: add it to auth.hosts, or set alerting.external_url`,
      )
    },
    checkSameSite(c, isByCookie) {
      const site = c.req.header('sec-fetch-site')
      if (site === 'same-origin' || site === 'none') return
      const origin = c.req.header('origin')
      if (site === undefined && origin !== undefined && isSameHost(origin, hostOf(c))) return
      // What neither a browser's page nor its cookie had a part in.
      if (site === undefined && origin === undefined && !isByCookie) return
      throw new Problem(
        403,
        'From another site',
        'a session writes from the page of wardline alone: elsewhere, send a token (Authorization: Bearer)',
      )
    },
  }
}

/** As the client wrote it, with its port. */
const hostOf = (c: Context): string => c.req.header('host') ?? new URL(c.req.url).host

function isSameHost(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase()
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, '')

const canonical = (address: string): string => ipaddr.process(address).toString()

/** Null where there is no connection, as in a test. */
function peerOf(c: Context): string | null {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  const address = incoming?.socket?.remoteAddress
  return address === undefined || !ipaddr.isValid(address) ? null : canonical(address)
}

/** Whoever has one address of IPv6 has 2^64 of them. */
function networkOf(address: string): string {
  if (!ipaddr.IPv6.isValid(address)) return address
  const parts = ipaddr.IPv6.parse(address).parts
  return `${parts
    .slice(0, 4)
    .map((part) => part.toString(16))
    .join(':')}::/64`
}

function isAmong(nets: readonly string[]): (address: string) => boolean {
  const ranges = nets.map((net) =>
    ipaddr.isValidCIDR(net)
      ? ipaddr.parseCIDR(net)
      : ([ipaddr.process(net), ipaddr.process(net).kind() === 'ipv6' ? 128 : 32] as const),
  )
  return (address) => {
    if (!ipaddr.isValid(address)) return false
    const parsed = ipaddr.process(address)
    return ranges.some(([net, bits]) => net.kind() === parsed.kind() && parsed.match(net, bits))
  }
}
