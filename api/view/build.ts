import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import { type Decided, NOTHING_DECIDED } from '../../lib/decisions/decided.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { lateFrom } from '../../lib/lateness.ts'
import {
  type DeviceState,
  type Evidence,
  type Status,
  snmpStaysMs,
  statusesInSlices,
} from '../../lib/status.ts'
import { type PastUplinks, type Uplink, readUplinks, uplinksOf } from '../../lib/uplink/readings.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import { type Sliced, atOnce } from '../../lib/slices.ts'
import { type Alert, readAlerts } from './alerts.ts'
import { type BlindCollector, blindCollectors, blindDevices, devicesOfOnly } from './blind.ts'
import { type InMaintenance, acknowledgementOf, inMaintenance } from './decided.ts'
import { POINTS_AT_ONCE, newestInSlices, valuesInSlices } from './newest.ts'
import { type Pipeline, readPipeline } from './pipeline.ts'
import { isSameRow } from './same-row.ts'
import { SLACK_MS, type Vectors } from './vectors.ts'

export type SnmpFact = { readonly up: boolean; readonly at: number }

/** One device and all that is known of it. Instants are Unix milliseconds. */
export type DeviceRow = {
  readonly device: Device
  readonly status: Status
  /** Since when it is up, down or unreachable; null for the others. */
  readonly since: number | null
  readonly lastSampleAt: number | null
  /** Of the newest sample: null when nothing answered it, or it is too old to say anything. */
  readonly rttSeconds: number | null
  readonly lossRatio: number | null
  readonly snmp: SnmpFact | null
  readonly uplinks: readonly Uplink[]
  readonly alerts: readonly Alert[]
  readonly causes: readonly string[]
  readonly maintenance: InMaintenance | null
  /** Of an alert that is active. */
  readonly acknowledgement: Acknowledgement | null
}

/** The fleet at one instant, in the inventory's order: what every endpoint answers from. */
export type View = {
  readonly at: number
  readonly rows: readonly DeviceRow[]
  readonly byId: ReadonlyMap<string, DeviceRow>
  readonly alerts: readonly Alert[]
  readonly pipeline: Pipeline
  /** Collectors that have lost their network: the status of what they probe is unknown. */
  readonly blind: readonly BlindCollector[]
  readonly decided: Decided
  /** Made of what is kept, for an instant that somebody asked for. */
  readonly isPast: boolean
}

const NO_UPLINKS: PastUplinks = new Map()

export type ViewMore = {
  readonly decided?: Decided
  /** The view before this one: a row in which nothing changed is the same object in both. */
  readonly before?: View | null
  readonly isPast?: boolean
}

/**
 * Pure: the view that these vectors amount to. `seen` has older sample stamps of devices that `newest` lacks, `past` older
 * readings of uplinks.
 */
export function buildView(
  inventory: Inventory,
  vectors: Vectors,
  seen: ReadonlyMap<string, number>,
  at: number,
  past: PastUplinks = NO_UPLINKS,
  more: ViewMore = {},
): View {
  return atOnce(viewInSlices(inventory, vectors, seen, at, past, more))
}

/** Rows that are made before others may run. */
const ROWS_AT_ONCE = 128

/** The same, for who does it piece by piece. */
export function* viewInSlices(
  inventory: Inventory,
  vectors: Vectors,
  seen: ReadonlyMap<string, number>,
  at: number,
  past: PastUplinks,
  { decided = NOTHING_DECIDED, before = null, isPast = false }: ViewMore,
): Sliced<View> {
  const states = yield* statesInSlices(vectors.state)
  const newest = yield* newestInSlices(vectors.newest)
  const rtt = yield* valuesInSlices(vectors.echoes, newest, 'ping_rtt_seconds')
  const loss = yield* valuesInSlices(vectors.echoes, newest, 'ping_loss_ratio')
  const snmpNewest = yield* newestInSlices(vectors.snmpNewest)
  const snmp = yield* valuesInSlices(vectors.snmp, snmpNewest, 'snmp_up')
  const alerts = readAlerts(vectors.alerts).filter(({ device }) => {
    return device === null || inventory.get(device)?.enabled === true
  })
  const alertsOf = Map.groupBy(alerts, (alert) => alert.device)
  const maintenance = inMaintenance(decided, inventory, at)
  yield

  const blind = blindDevices(vectors.own, newest, vectors.newest, inventory)
  const late = devicesOfOnly(lateFrom(vectors.own), newest, vectors.newest, inventory)
  const evidence = (id: string): Evidence => {
    const knownUntil = late.get(id)
    return {
      state: states.get(id) ?? null,
      lastSampleAt: newest.get(id)?.at ?? seen.get(id) ?? null,
      isBlind: blind.has(id),
      ...(knownUntil === undefined ? {} : { knownUntil }),
    }
  }
  const statuses = yield* statusesInSlices(inventory.values(), evidence, at)
  const polled = (id: string): SnmpFact | null => {
    const polledAt = snmpNewest.get(id)?.at
    const intervalMs = inventory.get(id)?.snmp?.intervalMs
    if (polledAt === undefined || intervalMs === undefined) return null
    const up = snmp.get(id) === 1
    return at - polledAt > snmpStaysMs(intervalMs, up) + SLACK_MS ? null : { up, at: polledAt }
  }
  const uplinks = uplinksOf(readUplinks(vectors.uplinks), past, { inventory, polled, at })

  const rows: DeviceRow[] = []
  const byId = new Map<string, DeviceRow>()
  for (const device of inventory.values()) {
    const { id } = device
    const status = statuses.get(id) ?? 'unknown'
    const isKnown = status === 'up' || status === 'down' || status === 'unreachable'
    const lossRatio = isKnown ? (loss.get(id) ?? null) : null
    const ownAlerts = alertsOf.get(id) ?? []
    const made: DeviceRow = {
      device,
      status,
      since: isKnown ? (states.get(id)?.since ?? null) : null,
      lastSampleAt: evidence(id).lastSampleAt,
      // The last answer's time is no fact about a probe that got none.
      rttSeconds: isKnown && lossRatio !== 1 ? (rtt.get(id) ?? null) : null,
      lossRatio,
      snmp: polled(id),
      uplinks: uplinks.get(id) ?? [],
      alerts: ownAlerts,
      causes: status === 'unreachable' ? nearestDown(device, inventory, statuses) : [],
      maintenance: maintenance.get(id) ?? null,
      acknowledgement: acknowledgementOf(ownAlerts, decided, at),
    }
    const known = before?.byId.get(id)
    const row = known !== undefined && isSameRow(known, made) ? known : made
    rows.push(row)
    byId.set(id, row)
    if (rows.length % ROWS_AT_ONCE === 0) yield
  }
  return {
    at,
    rows,
    byId,
    alerts,
    pipeline: readPipeline(vectors.own),
    blind: blindCollectors(
      vectors.own,
      newest,
      [...blind.keys()].filter((id) => inventory.get(id)?.enabled === true),
    ),
    decided,
    isPast,
  }
}

/** The kept states in an answer: of each device the last. */
export const readStates = (vector: Vector): Map<string, DeviceState> =>
  atOnce(statesInSlices(vector))

function* statesInSlices(vector: Vector): Sliced<Map<string, DeviceState>> {
  const since = new Map<string, number>()
  for (const [place, { labels, value }] of vector.entries()) {
    if (place % POINTS_AT_ONCE === POINTS_AT_ONCE - 1) yield
    if (labels['__name__'] === 'device_state_since' && Number.isFinite(value)) {
      since.set(labels['device'] ?? '', Math.round(value * 1000))
    }
  }
  const states = new Map<string, DeviceState>()
  for (const [place, { labels, value }] of vector.entries()) {
    if (place % POINTS_AT_ONCE === POINTS_AT_ONCE - 1) yield
    const id = labels['device'] ?? ''
    const from = since.get(id)
    if (labels['__name__'] !== 'device_state_up' || from === undefined) continue
    if (value !== 0 && value !== 1) continue // -1: it was switched off, and begins anew
    states.set(id, { up: value === 1, since: from })
  }
  return states
}

/** Up the parents, past those that are unreachable themselves, to those that are down. */
export function nearestDown(
  device: Device,
  inventory: Inventory,
  statuses: ReadonlyMap<string, Status>,
): string[] {
  const found = new Set<string>()
  const seen = new Set<string>()
  const open = [...device.parents]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue
    seen.add(id)
    const status = statuses.get(id)
    if (status === 'down') found.add(id)
    if (status === 'unreachable') open.push(...(inventory.get(id)?.parents ?? []))
  }
  return [...found].sort()
}
