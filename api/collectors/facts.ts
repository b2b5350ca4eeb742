import type { Vector, VictoriaMetrics } from '../../lib/victoriametrics.ts'

/** What a collector says of itself that no view has. */
export type CollectorFacts = {
  /** By the collector's name. */
  readonly versions: ReadonlyMap<string, string>
  /** Which collector polls a device, of those that it finds slow. */
  readonly pollers: ReadonlyMap<string, string>
}

const TIMEOUT_MS = 10_000
/** They are written every ten seconds. */
const WINDOW = '1m'
const FACTS = `union(
  last_over_time(wardline_build_info{component="collector"}[${WINDOW}]),
  last_over_time(wardline_snmp_poll_seconds{device!=""}[${WINDOW}]))`

/** One query. Rejects with VictoriaMetricsError. */
export async function askFacts(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  at: number,
  signal: AbortSignal,
): Promise<CollectorFacts> {
  return readFacts(await victoriaMetrics.query(FACTS, { at, signal, timeoutMs: TIMEOUT_MS }))
}

export function readFacts(vector: Vector): CollectorFacts {
  const versions = new Map<string, string>()
  const pollers = new Map<string, string>()
  for (const { labels } of vector) {
    const { __name__: name, instance = '', version, device } = labels
    if (name === 'wardline_build_info' && version !== undefined) versions.set(instance, version)
    if (name === 'wardline_snmp_poll_seconds' && device !== undefined) pollers.set(device, instance)
  }
  return { versions, pollers }
}
