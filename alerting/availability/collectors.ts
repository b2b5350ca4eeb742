import { waitingFrom, waitingQuery } from '../../lib/lateness.ts'
import { type Sites, readSites, sitesQuery } from '../../lib/sites.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { readVantages } from './history.ts'

/** What the collectors say of themselves. */
export type Collectors = {
  readonly sites: Sites
  /** Of those whose samples wait in their spools, the stamp of the oldest one. */
  readonly waiting: ReadonlyMap<string, number>
}

/** A word may be stamped a moment after the samples that it stands in front of. */
const AHEAD_MS = 2_000

/** One query, whose answer has a series for each collector. */
export async function askCollectors(
  victoriaMetrics: VictoriaMetrics,
  at: number,
  signal: AbortSignal,
): Promise<Collectors> {
  const expr = `union(${sitesQuery}, ${waitingQuery})`
  const vector = await victoriaMetrics.query(expr, { at: at + AHEAD_MS, signal })
  return { sites: readSites(vector), waiting: waitingFrom(vector) }
}

/** Who was heard last of each device from each site, in the `windowMs` before `at`. */
export async function askHeard(
  victoriaMetrics: VictoriaMetrics,
  siteOf: (vantage: string) => string,
  windowMs: number,
  at: number,
  signal: AbortSignal,
): Promise<Map<string, Map<string, { at: number; vantage: string }>>> {
  const heard = new Map<string, Map<string, { at: number; vantage: string }>>()
  const rows = await readVantages(victoriaMetrics, windowMs, at, signal)
  for (const { device, vantage, lastAt } of rows) {
    const site = siteOf(vantage)
    const all = heard.get(device) ?? new Map<string, { at: number; vantage: string }>()
    if ((all.get(site)?.at ?? -Infinity) < lastAt) all.set(site, { at: lastAt, vantage })
    heard.set(device, all)
  }
  return heard
}

/** The devices that any of these vantages probed in the `windowMs` before `at`. */
export async function askProbed(
  victoriaMetrics: VictoriaMetrics,
  isAsked: (vantage: string) => boolean,
  windowMs: number,
  at: number,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const rows = await readVantages(victoriaMetrics, windowMs, at, signal)
  return new Set(rows.flatMap(({ device, vantage }) => (isAsked(vantage) ? [device] : [])))
}
