import { isIPv6 } from 'node:net'
import type { Outcome } from '../../lib/diagnostics.ts'
import { followFping } from '../ping/fping.ts'
import { readEcho } from './ping.ts'

const MOST_HOPS = 30
/** Hops that are asked at once: a way with silent ones must not take a minute. */
const AT_ONCE = 5
const ECHOES = 3
const PERIOD_MS = 200
const TIMEOUT_MS = 1_000
/** So many silent ones in a row: beyond them nobody answers, most probably. */
const MOST_SILENT = 10

/** What an echo with a time to live met. */
export type Hop = {
  readonly ttl: number
  /** Who said that its time was over; empty where nobody did. */
  readonly from: readonly string[]
  readonly isReached: boolean
  /** Of the answers of the device itself: fping doesn't time the others. */
  readonly ms: readonly number[]
}

/**
 * The routers on the way, by echoes whose time to live ends at each of them in turn (`fping -H`). Over IPv6 fping
 * doesn't tell who they are: how many there are is told nevertheless. Rejects with FpingError.
 */
export async function* traceDevice(
  fping: string,
  address: string,
  signal: AbortSignal,
): AsyncGenerator<string, Outcome> {
  yield `traceroute to ${address}, ${MOST_HOPS} hops at most`
  let silent = 0
  for (let first = 1; first <= MOST_HOPS && silent < MOST_SILENT; first += AT_ONCE) {
    const ttls = Array.from(
      { length: Math.min(AT_ONCE, MOST_HOPS - first + 1) },
      (_, i) => first + i,
    )
    const hops = await Promise.all(ttls.map((ttl) => askHop(fping, address, ttl, signal)))
    for (const hop of hops) {
      yield hopLine(hop, address)
      if (hop.isReached) return { ok: true, summary: `${address} is ${countOf(hop.ttl)} away` }
      silent = hop.from.length === 0 ? silent + 1 : 0
    }
  }
  const known = isIPv6(address) ? '; over IPv6 the routers on the way are not named' : ''
  return { ok: false, summary: `${address} was not reached${known}` }
}

async function askHop(
  fping: string,
  address: string,
  ttl: number,
  signal: AbortSignal,
): Promise<Hop> {
  const args = ['-H', ttl, '-C', ECHOES, '-p', PERIOD_MS, '-t', TIMEOUT_MS, address].map(String)
  const lines: string[] = []
  for await (const line of followFping(fping, args, signal)) lines.push(line)
  return readHop(ttl, lines)
}

/** `ICMP Time Exceeded from 198.18.0.1 for ICMP Echo sent to 198.18.9.9`; other ICMP says its kind in that place. */
const FROM = /^ICMP .* from (\S+) for ICMP Echo sent to/

export function readHop(ttl: number, lines: readonly string[]): Hop {
  const from = lines.flatMap((line) => FROM.exec(line.trim())?.[1] ?? [])
  const ms = lines.flatMap((line) => readEcho(line)?.ms ?? [])
  return { ttl, from: [...new Set(from)], isReached: ms.length > 0, ms }
}

function hopLine({ ttl, from, isReached, ms }: Hop, address: string): string {
  const number = String(ttl).padStart(2)
  if (isReached) return `${number}  ${address}  ${ms.map((one) => `${one} ms`).join('  ')}`
  return `${number}  ${from.length === 0 ? '*' : from.join('  ')}`
}

const countOf = (hops: number): string => (hops === 1 ? '1 hop' : `${hops} hops`)
