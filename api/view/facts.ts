import type { Inventory } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Sliced } from '../../lib/slices.ts'
import type { DeviceState, Status } from '../../lib/status.ts'
import type { Vector } from '../../lib/victoriametrics.ts'
import { POINTS_AT_ONCE, isSameSeries } from './newest.ts'
import type { Vectors } from './vectors.ts'

/**
 * What the vectors of a view say of one device. Instants are Unix milliseconds; NaN is what isn't known, as a number that is
 * never null is changed in place, where one that may be is a new object each time.
 */
export type DeviceFacts = {
  readonly state: DeviceState | null
  readonly lastSampleAt: number
  /** Of the series that was sampled last. */
  readonly rttSeconds: number
  readonly lossRatio: number
  /** The newest poll. */
  readonly polledAt: number
  readonly snmpUp: boolean
}

/**
 * A table of them. Views follow one another each second, and of a large fleet little is new: entries are used again, so
 * that reading the vectors leaves nothing behind that has to be collected.
 */
export type FleetFacts = {
  /**
   * Takes in the vectors; what was read before is overwritten. `seen` has older sample stamps of devices that `newest` lacks.
   * Each device of the inventory has an entry then.
   */
  read(
    inventory: Inventory,
    vectors: Vectors,
    seen: ReadonlyMap<string, number>,
  ): Sliced<ReadonlyMap<string, Doubt>>
  /** Where the statuses of this inventory's devices are kept, to be overwritten. */
  statusesOf(inventory: Inventory): Map<string, Status>
}

/** What is found out about an entry after the vectors were read. Infinity: nothing of it is late. */
export type Doubt = DeviceFacts & { isBlind: boolean; knownUntil: number }

type Read = { -readonly [K in keyof Doubt]: Doubt[K] } & {
  stateUp: number
  stateSince: number
  sampledAt: number
  sampled: Labels
  polled: Labels
}

const NO_LABELS: Labels = {}

const nothing = (): Read => ({
  state: null,
  lastSampleAt: Number.NaN,
  isBlind: false,
  knownUntil: Infinity,
  rttSeconds: Number.NaN,
  lossRatio: Number.NaN,
  polledAt: Number.NaN,
  snmpUp: false,
  stateUp: Number.NaN,
  stateSince: Number.NaN,
  sampledAt: Number.NaN,
  sampled: NO_LABELS,
  polled: NO_LABELS,
})

export function createFleetFacts(): FleetFacts {
  const table = new Map<string, Read>()
  let statuses = { inventory: null as Inventory | null, of: new Map<string, Status>() }

  function entry(id: string): Read {
    let known = table.get(id)
    if (known === undefined) table.set(id, (known = nothing()))
    return known
  }

  function* each(
    vector: Vector,
    take: (read: Read, labels: Labels, value: number) => void,
  ): Sliced<void> {
    let place = 0
    for (const { labels, value } of vector) {
      if (Number.isFinite(value)) take(entry(labels['device'] ?? ''), labels, value)
      if (++place % POINTS_AT_ONCE === 0) yield
    }
  }

  return {
    *read(inventory, vectors, seen) {
      let place = 0
      for (const [id, read] of table) {
        if (!inventory.has(id)) table.delete(id)
        else forget(read)
        if (++place % POINTS_AT_ONCE === 0) yield
      }
      yield* each(vectors.state, takeState)
      yield* each(vectors.newest, takeSampled)
      yield* each(vectors.echoes, takeEcho)
      yield* each(vectors.snmpNewest, takePolled)
      yield* each(vectors.snmp, takeSnmp)
      for (const id of inventory.keys()) {
        const read = entry(id)
        read.state = stateOf(read)
        read.lastSampleAt = Number.isNaN(read.sampledAt)
          ? (seen.get(id) ?? Number.NaN)
          : read.sampledAt
        if (++place % POINTS_AT_ONCE === 0) yield
      }
      return table
    },
    statusesOf(inventory) {
      if (statuses.inventory !== inventory) statuses = { inventory, of: new Map() }
      return statuses.of
    },
  }
}

function forget(read: Read): void {
  read.isBlind = false
  read.knownUntil = Infinity
  read.rttSeconds = Number.NaN
  read.lossRatio = Number.NaN
  read.polledAt = Number.NaN
  read.snmpUp = false
  read.stateUp = Number.NaN
  read.stateSince = Number.NaN
  read.sampledAt = Number.NaN
}

function takeState(read: Read, labels: Labels, value: number): void {
  const name = labels['__name__']
  if (name === 'device_state_since') read.stateSince = Math.round(value * 1000)
  // -1: it was switched off, and begins anew.
  else if (name === 'device_state_up' && (value === 0 || value === 1)) read.stateUp = value
}

/** The same object while nothing changed. */
function stateOf({ state, stateUp, stateSince: since }: Read): DeviceState | null {
  if (Number.isNaN(stateUp) || Number.isNaN(since)) return null
  const up = stateUp === 1
  return state?.up === up && state.since === since ? state : { up, since }
}

// A device that moved to another branch has two series for a while, and one for each vantage always: the newest speaks for it.

function takeSampled(read: Read, labels: Labels, seconds: number): void {
  const at = Math.round(seconds * 1000)
  if (at <= read.sampledAt) return
  read.sampledAt = at
  read.sampled = labels
}

function takeEcho(read: Read, labels: Labels, value: number): void {
  const name = labels['__name__']
  if (Number.isNaN(read.sampledAt) || !isSameSeries(read.sampled, labels)) return
  if (name === 'ping_rtt_seconds') read.rttSeconds = value
  else if (name === 'ping_loss_ratio') read.lossRatio = value
}

function takePolled(read: Read, labels: Labels, seconds: number): void {
  const at = Math.round(seconds * 1000)
  if (at <= read.polledAt) return
  read.polledAt = at
  read.polled = labels
}

function takeSnmp(read: Read, labels: Labels, value: number): void {
  if (labels['__name__'] !== 'snmp_up' || Number.isNaN(read.polledAt)) return
  if (isSameSeries(read.polled, labels)) read.snmpUp = value === 1
}
