import type { Device } from '../../lib/inventory.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import { STALE_INTERVALS } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { SLACK_MS } from '../view/vectors.ts'
import { readInterfaces } from './read.ts'
import type { InterfaceJson } from './schema.ts'

const TIMEOUT_MS = 10_000
/** How long an interface of a device that is silent is told. */
const SEEN_WINDOW = '24h'
const CHANGED_WINDOW = '7d'

/** What identifies an interface; where its device was at the time doesn't. */
const OF_INTERFACE = 'ifIndex, ifName, ifAlias, ifDescr, uplink'

/** Octets by their 64-bit counters, or by those of 32 bits where the agent has no others. */
export const OCTETS = 'if(HC)?(In|Out)Octets'
export const ERRORS = 'if(In|Out)Errors'

/** The interfaces of a device by their index: one query. Rejects with VictoriaMetricsError. */
export async function askInterfaces(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  device: Device,
  at: number,
  signal: AbortSignal,
): Promise<InterfaceJson[]> {
  if (device.snmp === null) return []
  const staleMs = STALE_INTERVALS * device.snmp.intervalMs
  const expr = interfacesQuery(device.id, staleMs + SLACK_MS)
  const answer = await victoriaMetrics.query(expr, { at, signal, timeoutMs: TIMEOUT_MS })
  return readInterfaces(answer, staleMs)
}

/** What was polled last under its metric's name, counters as rates; `seen` and `changed` are stamps. */
export function interfacesQuery(id: string, windowMs: number): string {
  const device = `device=${quoteLabelValue(id)}`
  const window = `[${Math.ceil(windowMs)}ms]`
  const any = `{__name__=~"if(Oper|Admin)Status|${OCTETS}",${device}}`
  const oper = `ifOperStatus{${device}}[${CHANGED_WINDOW}]`
  const counters = `{__name__=~"${OCTETS}|${ERRORS}|if(In|Out)Discards",${device}}`
  const states = `{__name__=~"if(Oper|Admin)Status|ifHighSpeed",${device}}`
  // A change after a gap is none unless the values differ.
  const changed = `tlast_change_over_time(${oper}) and (max_over_time(${oper}) > min_over_time(${oper}))`
  return `union(
    max by (__name__, ${OF_INTERFACE}) (last_over_time(${states}${window})),
    max by (__name__, ${OF_INTERFACE}) (rate(${counters}${window}) keep_metric_names),
    label_set(max by (${OF_INTERFACE}) (tlast_over_time(${any}[${SEEN_WINDOW}]) keep_metric_names), "__name__", "seen"),
    label_set(max by (${OF_INTERFACE}) (${changed}), "__name__", "changed"))`
}
