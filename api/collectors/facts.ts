import { readSites, sitesQuery } from '../../lib/sites.ts'
import type { Vector, VictoriaMetrics } from '../../lib/victoriametrics.ts'

/** What a collector says of itself that no view has. */
export type CollectorFacts = {
  /** By the collector's name. */
  readonly versions: ReadonlyMap<string, string>
  readonly sites: ReadonlyMap<string, string>
  /** How many devices each has, and how many collectors divide those of its site. */
  readonly shares: ReadonlyMap<string, ShareFigures>
  /** Which collector polls a device, of those that it finds slow. */
  readonly pollers: ReadonlyMap<string, string>
}

export type ShareFigures = { readonly devices: number; readonly members: number }

const TIMEOUT_MS = 10_000
/** They are written every ten seconds. */
const WINDOW = '1m'
const FACTS = `union(
  last_over_time(wardline_build_info{component="collector"}[${WINDOW}]),
  last_over_time({__name__=~"wardline_share_devices|wardline_members"}[${WINDOW}]),
  ${sitesQuery},
  last_over_time(wardline_snmp_poll_seconds{device!=""}[${WINDOW}]))`

/** One query. Rejects with VictoriaMetricsError. */
export async function askFacts(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  at: number,
  signal: AbortSignal,
): Promise<CollectorFacts> {
  return readFacts(await victoriaMetrics.query(FACTS, { at, signal, timeoutMs: TIMEOUT_MS }))
}

function readFacts(vector: Vector): CollectorFacts {
  const versions = new Map<string, string>()
  const pollers = new Map<string, string>()
  const devices = new Map<string, number>()
  const members = new Map<string, number>()
  for (const { labels, value } of vector) {
    const { __name__: name, instance = '', version, device } = labels
    if (name === 'wardline_share_devices') devices.set(instance, value)
    if (name === 'wardline_members') members.set(instance, value)
    if (name === 'wardline_build_info' && version !== undefined) versions.set(instance, version)
    if (name === 'wardline_snmp_poll_seconds' && device !== undefined) pollers.set(device, instance)
  }
  const shares = new Map(
    [...devices].map(([name, count]) => [
      name,
      { devices: Math.round(count), members: Math.round(members.get(name) ?? 1) },
    ]),
  )
  return { versions, pollers, shares, sites: readSites(vector) }
}
