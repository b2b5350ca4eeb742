import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import { type Decided, NOTHING_DECIDED } from '../../lib/decisions/decided.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { blindSince } from '../../lib/blindness.ts'
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
import { type BlindCollector, blindCollectors, devicesOfOnly } from './blind.ts'
import { type InMaintenance, acknowledgementOf, inMaintenance } from './decided.ts'
import { type DeviceFacts, type Doubt, type FleetFacts, createFleetFacts } from './facts.ts'
import { newestInSlices } from './newest.ts'
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

/** Rows by the ids of their devices. */
export type RowsById = Pick<ReadonlyMap<string, DeviceRow>, 'get' | 'has' | 'keys'>

/** The fleet at one instant, in the inventory's order: what every endpoint answers from. */
export type View = {
  readonly at: number
  readonly rows: readonly DeviceRow[]
  readonly byId: RowsById
  readonly alerts: readonly Alert[]
  readonly pipeline: Pipeline
  /** Collectors that have lost their network: the status of what they probe is unknown. */
  readonly blind: readonly BlindCollector[]
  readonly decided: Decided
  /** Made of what is kept, for an instant that somebody asked for. */
  readonly isPast: boolean
  /** What somebody may see of it, who may not see all. */
  readonly isPart: boolean
}

const NO_UPLINKS: PastUplinks = new Map()

export type ViewMore = {
  readonly decided?: Decided
  /** The view before this one: a row in which nothing changed is the same object in both. */
  readonly before?: View | null
  readonly isPast?: boolean
  /** Of views that follow one another: what they read the vectors into. */
  readonly facts?: FleetFacts
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
  {
    decided = NOTHING_DECIDED,
    before = null,
    isPast = false,
    facts = createFleetFacts(),
  }: ViewMore,
): Sliced<View> {
  const known = yield* facts.read(inventory, vectors, seen)
  const alerts = readAlerts(vectors.alerts).filter(({ device }) => {
    return device === null || inventory.get(device)?.enabled === true
  })
  const alertsOf = Map.groupBy(alerts, (alert) => alert.device)
  const maintenance = inMaintenance(decided, inventory, at)
  yield

  const blind = yield* doubted(vectors, inventory, known)
  const own = facts.statusesOf(inventory)
  const statuses = yield* statusesInSlices(inventory.values(), evidenceOf(known), at, own)
  const polled = (id: string): SnmpFact | null => {
    const intervalMs = inventory.get(id)?.snmp?.intervalMs
    return intervalMs === undefined ? null : snmpFact(known.get(id), intervalMs, at)
  }
  const uplinks = uplinksOf(readUplinks(vectors.uplinks), past, { inventory, polled, at })

  const rows: DeviceRow[] = []
  // Of most devices nothing is new: one row is filled anew for each, and kept where it isn't what it was.
  const made = {} as { -readonly [K in keyof DeviceRow]: DeviceRow[K] }
  for (const device of inventory.values()) {
    const { id } = device
    const last = before?.byId.get(id)
    const fact = known.get(id)
    const status = statuses.get(id) ?? 'unknown'
    const isKnown = status === 'up' || status === 'down' || status === 'unreachable'
    made.device = device
    made.status = status
    made.since = isKnown ? (fact?.state?.since ?? null) : null
    made.lastSampleAt = orNull(fact?.lastSampleAt)
    made.lossRatio = isKnown ? orNull(fact?.lossRatio) : null
    // The last answer's time is no fact about a probe that got none.
    made.rttSeconds = isKnown && made.lossRatio !== 1 ? orNull(fact?.rttSeconds) : null
    made.snmp = device.snmp === null ? null : snmpFact(fact, device.snmp.intervalMs, at)
    made.uplinks = uplinks.get(id) ?? NONE
    made.alerts = alertsOf.get(id) ?? NONE
    made.causes = status === 'unreachable' ? nearestDown(device, inventory, statuses) : NONE
    made.maintenance = maintenance.get(id) ?? null
    made.acknowledgement = acknowledgementOf(made.alerts, decided, at)
    rows.push(last !== undefined && isSameRow(last, made) ? last : { ...made })
    if (rows.length % ROWS_AT_ONCE === 0) yield
  }
  return {
    at,
    rows,
    byId: rowsById(inventory, rows),
    alerts,
    pipeline: readPipeline(vectors.own),
    blind,
    decided,
    isPast,
    isPart: false,
  }
}

const NONE: readonly never[] = []

const orNull = (known = Number.NaN): number | null => (Number.isNaN(known) ? null : known)

/** One object for all of them: it holds until the next one is asked for. */
function evidenceOf(facts: ReadonlyMap<string, Doubt>): (id: string) => Evidence | undefined {
  const evidence = { state: null, lastSampleAt: null, isBlind: false, knownUntil: Infinity } as {
    -readonly [K in keyof Evidence]: Evidence[K]
  }
  return (id) => {
    const fact = facts.get(id)
    if (fact === undefined) return undefined
    evidence.state = fact.state
    evidence.lastSampleAt = orNull(fact.lastSampleAt)
    evidence.isBlind = fact.isBlind
    evidence.knownUntil = fact.knownUntil
    return evidence
  }
}

/** The newest poll, where it still says something. */
function snmpFact(fact: DeviceFacts | undefined, intervalMs: number, at: number): SnmpFact | null {
  if (fact === undefined || Number.isNaN(fact.polledAt)) return null
  const { polledAt, snmpUp } = fact
  const isOld = at - polledAt > snmpStaysMs(intervalMs, snmpUp) + SLACK_MS
  return isOld ? null : { up: snmpUp, at: polledAt }
}

/** Marks the devices of which nothing is known, or nothing of now; gives the collectors that are blind. */
function* doubted(
  vectors: Vectors,
  inventory: Inventory,
  facts: ReadonlyMap<string, Doubt>,
): Sliced<BlindCollector[]> {
  const [blind, late] = [blindSince(vectors.own), lateFrom(vectors.own)]
  if (blind.size === 0 && late.size === 0) return []
  const newest = yield* newestInSlices(vectors.newest)
  const unseen = devicesOfOnly(blind, newest, vectors.newest, inventory)
  for (const id of unseen.keys()) {
    const fact = facts.get(id)
    if (fact !== undefined) fact.isBlind = true
  }
  for (const [id, knownUntil] of devicesOfOnly(late, newest, vectors.newest, inventory)) {
    const fact = facts.get(id)
    if (fact !== undefined) fact.knownUntil = knownUntil
  }
  const enabled = [...unseen.keys()].filter((id) => inventory.get(id)?.enabled === true)
  return blindCollectors(vectors.own, newest, enabled)
}

// Where each device is in its inventory's order: looked up for each view, made once.
const places = new WeakMap<Inventory, ReadonlyMap<string, number>>()

function rowsById(inventory: Inventory, rows: readonly DeviceRow[]): RowsById {
  let of = places.get(inventory)
  if (of === undefined) {
    of = new Map([...inventory.keys()].map((id, place) => [id, place]))
    places.set(inventory, of)
  }
  const place = of
  return {
    get: (id) => rows[place.get(id) ?? -1],
    has: (id) => place.has(id),
    keys: () => place.keys(),
  }
}

/** The kept states in an answer: of each device the last. */
export function readStates(vector: Vector): Map<string, DeviceState> {
  const since = new Map<string, number>()
  for (const { labels, value } of vector) {
    if (labels['__name__'] === 'device_state_since' && Number.isFinite(value)) {
      since.set(labels['device'] ?? '', Math.round(value * 1000))
    }
  }
  const states = new Map<string, DeviceState>()
  for (const { labels, value } of vector) {
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
