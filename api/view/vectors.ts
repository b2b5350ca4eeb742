import { lastMarksQuery } from '../../lib/blindness.ts'
import { latenessQuery } from '../../lib/lateness.ts'
import type { Inventory } from '../../lib/inventory.ts'
import { STALE_INTERVALS, snmpStaysMs } from '../../lib/status.ts'
import { uplinksQuery } from '../../lib/uplink/readings.ts'
import type { Vector, VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { SPOOL_METRICS, skewsQuery } from './delivery.ts'

/** What VictoriaMetrics says of the whole fleet at one instant: one vector a question, whatever the fleet's size. */
export type Vectors = {
  /** `device_state_up` and `device_state_since`. */
  readonly state: Vector
  /** Stamp of the newest ping sample of each series, Unix seconds. */
  readonly newest: Vector
  /** `ping_rtt_seconds` and `ping_loss_ratio`, the last of each series; others may be among them. */
  readonly echoes: Vector
  readonly snmp: Vector
  readonly snmpNewest: Vector
  /** `ifOperStatus` and `ifAdminStatus` of uplinks, and, without a name, the stamp of the newest `ifOperStatus`. */
  readonly uplinks: Vector
  /** `ALERTS`, `ALERTS_FOR_STATE` and `wardline_alert_held`. */
  readonly alerts: Vector
  /** wardline's own figures, and the last words of collectors that are blind, or whose samples are late; how far clocks are off. */
  readonly own: Vector
}

export type Windows = {
  readonly pingMs: number
  readonly snmpMs: number
  readonly alertsMs: number
  /** How long after the first probe of a state it is stored. */
  readonly confirmMs: number
}

/** Alerting says each state again every 5 minutes. */
export const STATE_WINDOW_MS = 900_000
/** Probes under way, network and the age of the view come on top of the intervals. */
export const SLACK_MS = 5_000

/** Alerting waits for late samples, and for what probes of parents say. */
const CONFIRM_SLACK_MS = 30_000

/** A collector that sees says so every 15 s, one that is blind each second. */
export const LEAST_MARKS_MS = 60_000

/** How far each question looks back: as far as an answer counts, and no further. */
export function windowsOf(inventory: Inventory, evaluationMs: number): Windows {
  let ping = 1_000
  let snmp = 60_000
  let confirm = 0
  for (const device of inventory.values()) {
    ping = Math.max(ping, device.ping.intervalMs)
    confirm = Math.max(confirm, device.ping.confirm * device.ping.intervalMs)
    snmp = Math.max(snmp, device.snmp?.intervalMs ?? 0)
  }
  return {
    pingMs: Math.ceil(STALE_INTERVALS * ping) + SLACK_MS,
    snmpMs: Math.ceil(snmpStaysMs(snmp, false)) + SLACK_MS,
    alertsMs: Math.max(60_000, Math.ceil(2.5 * evaluationMs)),
    confirmMs: confirm + CONFIRM_SLACK_MS,
  }
}

/** The MetricsQL of a view. `last_over_time` passes over stale markers, `default_rollup` (for alerts) obeys them. */
export function viewQueries({ pingMs, snmpMs, alertsMs }: Windows): Record<keyof Vectors, string> {
  return {
    state: `last_over_time({__name__=~"device_state_(up|since)"}[${STATE_WINDOW_MS}ms])`,
    newest: `tlast_over_time(ping_up[${pingMs}ms])`,
    echoes: `last_over_time({__name__=~"ping_(rtt_seconds|loss_ratio)"}[${pingMs}ms])`,
    snmp: `last_over_time(snmp_up[${snmpMs}ms])`,
    snmpNewest: `tlast_over_time(snmp_up[${snmpMs}ms])`,
    uplinks: uplinksQuery(snmpMs),
    alerts: `default_rollup({__name__=~"ALERTS|ALERTS_FOR_STATE|wardline_alert_held"}[${alertsMs}ms])`,
    own: `union(
      last_over_time({__name__=~"wardline_collector_(targets|in_flight|due)|wardline_slots_missed_total|wardline_slot_lag_seconds|wardline_samples_stored_ratio|wardline_writer_buffer_bytes|${SPOOL_METRICS}"}[1m]),
      last_over_time(wardline_loop_last_success_timestamp_seconds[15m]),
      ${lastMarksQuery(Math.max(LEAST_MARKS_MS, pingMs))},
      ${latenessQuery},
      ${skewsQuery})`,
  }
}

/** Asks all of it at once, `at` one instant. Rejects with VictoriaMetricsError. */
export async function askVectors(
  victoriaMetrics: Pick<VictoriaMetrics, 'query'>,
  windows: Windows,
  at: number,
  bounds: Bounds,
): Promise<Vectors> {
  return askAll(viewQueries(windows), (expr) => victoriaMetrics.query(expr, { at, ...bounds }))
}

export type Bounds = { readonly signal: AbortSignal; readonly timeoutMs: number }

/** Asks each of them. */
export async function askAll<K extends string>(
  queries: Readonly<Record<K, string>>,
  ask: (expr: string) => Promise<Vector>,
): Promise<Record<K, Vector>> {
  const answers = await Promise.all(
    Object.entries<string>(queries).map(async ([name, expr]) => [name, await ask(expr)]),
  )
  return Object.fromEntries(answers) as Record<K, Vector>
}
