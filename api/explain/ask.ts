import { blindSince, lastMarksQuery } from '../../lib/blindness.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { ancestorsOf } from '../../lib/inventory/relatives.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import { lateFrom, latenessQuery } from '../../lib/lateness.ts'
import { readSites, sitesQuery } from '../../lib/sites.ts'
import { type DeviceState, STALE_INTERVALS } from '../../lib/status.ts'
import type { Vector, VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type Alert, readAlerts } from '../view/alerts.ts'
import { readStates } from '../view/build.ts'
import { newestSeries } from '../view/newest.ts'
import { blindDevices, devicesOfOnly } from '../view/blind.ts'
import { LEAST_MARKS_MS, type Windows } from '../view/vectors.ts'
import type { Lookout, Probe } from './confirmation.ts'
import {
  DELIVERY_COLUMNS,
  type Delivery,
  PROBE_COLUMNS,
  readDeliveries,
  readProbes,
  withSharedMessages,
} from './csv.ts'

/** What the series say of a device and of those above it, at one instant. Instants are Unix milliseconds. */
export type Evidence = {
  readonly at: number
  readonly states: ReadonlyMap<string, DeviceState>
  readonly newest: ReadonlyMap<string, number>
  /** Of the devices whose collector had lost its network, since when. */
  readonly blind: ReadonlyMap<string, number>
  /** Of the devices whose samples are on their way, up to when they are known. */
  readonly late: ReadonlyMap<string, number>
  readonly alerts: readonly Alert[]
  /** Of each alert that was held back, why: `wardline_alert_held`. */
  readonly held: readonly { readonly alert: string; readonly by: string; readonly cause: string }[]
  /** As alerting recorded it at the time; null where it recorded none. */
  readonly recordedStatus: string | null
  /** Percent. */
  readonly flappingScore: number | null
  /** Those that began its state, and the newest. */
  readonly probes: readonly Probe[]
  /** Whether none of the failed ones in a row was left out. */
  readonly isWhole: boolean
  readonly lookout: Lookout
  readonly deliveries: readonly Delivery[]
}

type Store = Pick<VictoriaMetrics, 'query' | 'exportCsv'>

const TIMEOUT_MS = 10_000
const STATE_WINDOW = '15m'
/** How far back the newest sample of the device itself is looked for, so that its age can be told. */
const SEEN_WINDOW = '24h'
const HOUR_MS = 3_600_000
const LEAST_TOLD_MS = 24 * HOUR_MS
const MOST_TOLD_MS = 30 * LEAST_TOLD_MS
const NEWEST_PROBES = 6
/** More devices than this above one are asked for with the whole fleet: a selector has a bound. */
const MOST_NAMED = 100

/**
 * Asks for all of it: four queries, then three exports that follow from them, whatever the fleet's size. Rejects with
 * VictoriaMetricsError.
 */
export async function askEvidence(
  store: Store,
  device: Device,
  inventory: Inventory,
  { at, windows, signal }: { at: number; windows: Windows; signal: AbortSignal },
): Promise<Evidence> {
  const options = { at, signal, timeoutMs: TIMEOUT_MS }
  const id = quoteLabelValue(device.id)
  const all = selectorOf([device.id, ...ancestorsOf(device, inventory)])
  const [stateVector, newestVector, toldVector, said] = await Promise.all([
    store.query(
      `last_over_time({__name__=~"device_state_(up|since)"${all}}[${STATE_WINDOW}])`,
      options,
    ),
    store.query(
      `union(tlast_over_time(ping_up{device=${id}}[${SEEN_WINDOW}]), tlast_over_time({__name__="ping_up"${all}}[${windows.pingMs}ms]))`,
      options,
    ),
    store.query(
      `default_rollup({__name__=~"ALERTS|ALERTS_FOR_STATE|wardline_alert_held|device_flapping_score|device_status",device=${id}}[${windows.alertsMs}ms])`,
      options,
    ),
    store.query(
      `union(${lastMarksQuery(Math.max(LEAST_MARKS_MS, windows.pingMs))}, ${latenessQuery}, ${sitesQuery})`,
      options,
    ),
  ])
  const newest = newestSeries(newestVector)
  const states = readStates(stateVector)
  const state = states.get(device.id) ?? null
  const alerts = readAlerts(toldVector)
  const { probes, isWhole } = await askProbes(store, device, state, { at, signal })
  const deliveries = await askDeliveries(store, id, alerts, state, { at, signal })
  return {
    at,
    states,
    newest: new Map([...newest].map(([key, { at: seenAt }]) => [key, seenAt])),
    blind: blindDevices(said, newest, newestVector, inventory),
    late: devicesOfOnly(lateFrom(said), newest, newestVector, inventory),
    alerts,
    held: readHeld(toldVector),
    recordedStatus: readStatus(toldVector),
    flappingScore: valueOf(toldVector, 'device_flapping_score'),
    probes,
    isWhole,
    lookout: { sites: readSites(said), blindSince: blindSince(said) },
    deliveries,
  }
}

async function askProbes(
  store: Store,
  { id, ping }: Device,
  state: DeviceState | null,
  { at, signal }: { at: number; signal: AbortSignal },
): Promise<Pick<Evidence, 'probes' | 'isWhole'>> {
  const newestFrom = at - NEWEST_PROBES * ping.intervalMs
  const match = `{__name__=~"ping_(up|rtt_seconds|loss_ratio)",device=${quoteLabelValue(id)}}`
  const probesOf = async (start: number, end: number): Promise<Probe[]> =>
    readProbes(
      await store.exportCsv(
        match,
        PROBE_COLUMNS,
        { start, end },
        { signal, timeoutMs: TIMEOUT_MS },
      ),
    )
  const since = state?.since ?? newestFrom
  const beginUntil = Math.min(at, since + (ping.confirm + 1) * ping.intervalMs)
  const [first, last] = await Promise.all([
    // A site that isn't awaited any more was heard that long before.
    probesOf(Math.min(since, newestFrom) - STALE_INTERVALS * ping.intervalMs, beginUntil),
    probesOf(newestFrom, at),
  ])
  const begin = first.filter((probe) => probe.at < newestFrom && probe.at <= beginUntil)
  const isRunWhole = state?.up !== false && last.some(({ up }) => up)
  return { probes: [...begin, ...last], isWhole: isRunWhole || beginUntil >= newestFrom }
}

async function askDeliveries(
  store: Store,
  id: string,
  alerts: readonly Alert[],
  state: DeviceState | null,
  { at, signal }: { at: number; signal: AbortSignal },
): Promise<readonly Delivery[]> {
  const begun = [
    ...alerts.map(({ activeAt }) => activeAt),
    state?.up === false ? state.since : null,
  ]
  const first = Math.min(at, ...begun.filter((one) => one !== null))
  const start = Math.max(at - MOST_TOLD_MS, Math.min(at - LEAST_TOLD_MS, first))
  const ask = (name: string): Promise<string> =>
    store.exportCsv(
      `${name}{device=${id},receiver!=""}`,
      DELIVERY_COLUMNS,
      { start, end: at },
      { signal, timeoutMs: TIMEOUT_MS },
    )
  const [attempts, firsts] = await Promise.all([
    ask('wardline_notification_seconds'),
    ask('wardline_outage_to_delivery_seconds'),
  ])
  return withSharedMessages(readDeliveries(attempts), readDeliveries(firsts))
}

function selectorOf(ids: readonly string[]): string {
  if (ids.length > MOST_NAMED) return ''
  const escaped = ids.map((id) => id.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return `,device=~${quoteLabelValue(escaped.join('|'))}`
}

function readHeld(vector: Vector): Evidence['held'] {
  return vector
    .filter(({ labels }) => labels['__name__'] === 'wardline_alert_held')
    .map(({ labels }) => ({
      alert: labels['alertname'] ?? '',
      by: labels['by'] ?? '',
      cause: labels['cause'] ?? '',
    }))
    .sort((one, other) => one.alert.localeCompare(other.alert) || one.by.localeCompare(other.by))
}

const readStatus = (vector: Vector): string | null =>
  vector.find(({ labels }) => labels['__name__'] === 'device_status')?.labels['status'] ?? null

function valueOf(vector: Vector, name: string): number | null {
  const value = vector.find(({ labels }) => labels['__name__'] === name)?.value
  return value !== undefined && Number.isFinite(value) ? value : null
}
