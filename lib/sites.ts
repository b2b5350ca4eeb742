import type { Vector, VictoriaMetrics } from './victoriametrics.ts'

/**
 * What a collector says of itself: 1 each minute, and 0 when it ends as it should. Its labels tell of which site a vantage
 * is, for as long as what it saw last counts.
 */
export const COLLECTOR_INFO = 'wardline_collector_info'
export const SAY_SITE_MS = 60_000

export const sitesQuery = `last_over_time(${COLLECTOR_INFO}[150s])`

/** By vantage. Those that say nothing are of the site without a name. */
export type Sites = ReadonlyMap<string, string>

/** Collectors of one site divide the devices; each site probes all of them. */
export const DEFAULT_SITE = ''

export function readSites(vector: Vector): Sites {
  const sites = new Map<string, string>()
  for (const { labels } of vector) {
    const { __name__: name, vantage, site = DEFAULT_SITE } = labels
    if (name === COLLECTOR_INFO && vantage !== undefined) sites.set(vantage, site)
  }
  return sites
}

/** The same of a past time; of a vantage that was of several sites, the last one. */
export async function readPastSites(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  { start, end }: { readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<Sites> {
  const windowMs = Math.ceil(end - start + SAY_SITE_MS)
  const expr = `tlast_over_time(${COLLECTOR_INFO}[${windowMs}ms])`
  const saidAt = await victoriaMetrics.query(expr, { at: end, signal })
  const sites = new Map<string, string>()
  for (const { labels } of saidAt.toSorted((one, other) => one.value - other.value))
    sites.set(labels['vantage'] ?? '', labels['site'] ?? DEFAULT_SITE)
  return sites
}

export const siteOf = (sites: Sites, vantage: string | undefined): string =>
  sites.get(vantage ?? '') ?? DEFAULT_SITE

/** Whether what one collector sees is seen by others from elsewhere. */
export const areSeveral = (sites: Sites): boolean => new Set(sites.values()).size > 1
