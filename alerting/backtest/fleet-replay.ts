import { type Stretches, isBlindAt, readPastStretches } from '../../lib/blindness.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import type { Logger } from '../../lib/log.ts'
import { areSeveral, readPastSites, siteOf } from '../../lib/sites.ts'
import { type Evidence, deriveStatuses } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type Thresholds, flappingSince, hasSettled } from '../availability/flapping.ts'
import { awaitedParent } from '../availability/verdict.ts'
import type { Fleet } from '../availability/fleet.ts'
import { createDueList } from '../notify/due-list.ts'
import { sightsAt, turningPoints, voidIn } from './blind-times.ts'
import {
  type DeviceTrack,
  type Reading,
  type TrackEvent,
  firstKnownAfter,
  isSuspect,
  evidenceOf,
  newestAt,
  readAhead,
  usualSamples,
} from './device-track.ts'
import { kinshipOf } from './kinship.ts'
import type { Latency } from './latency.ts'
import { type PingPiece, pingHistory } from './ping-history.ts'
import { restoreFleet } from './restore-fleet.ts'
import { createSilence } from './silence.ts'

/** What is known of the fleet as time goes by, and when it is worth a look. */
export type FleetReplay = {
  /** The next instant at which something may have changed; null at the end. */
  next(): Promise<number | null>
  /** The fleet as it is known at an instant, which never goes back. */
  at(at: number): Fleet
  /** After the evaluation of that instant: of what isn't decided yet there is more to see. */
  evaluated(fleet: Fleet, at: number, told: ReadonlySet<string>): void
}

export type FleetReplayOptions = {
  readonly victoriaMetrics: VictoriaMetrics
  readonly inventory: Inventory
  readonly from: number
  readonly to: number
  /** Between two turns of the availability group. */
  readonly intervalMs: number
  /** Whether a change is looked at when it is known, as the collector's hints have it, or at the next turn. */
  readonly hints: boolean
  readonly latency: Latency
  readonly thresholdsOf: (device: Device) => Thresholds
  readonly log: Logger
}

/** What lies behind a device may flap because it does: that is decided so much later. */
const FLAP_VERDICT_MS = 8_000
/** A score that only falls is 0 after this. */
const FLAP_WINDOW_MS = 300_000
const NOT_CUT: ReadonlyMap<string, number> = new Map()

export async function replayFleet(
  options: FleetReplayOptions,
  signal: AbortSignal,
): Promise<FleetReplay> {
  const { victoriaMetrics, inventory, from, to, intervalMs, hints, latency, log } = options
  const restored = await restoreFleet(victoriaMetrics, inventory, from, log, signal)
  const { tracks, readFrom } = restored
  const kinship = kinshipOf(inventory)
  const blind = await readPastStretches(victoriaMetrics, { start: readFrom, end: to }, signal)
  const pastSites = await readPastSites(victoriaMetrics, { start: readFrom, end: to }, signal)
  const sites = areSeveral(pastSites) ? pastSites : null
  const reading: Reading = {
    latency,
    isVoid: voidIn(blind),
    together: sites && {
      siteOf: (vantage) => siteOf(sites, vantage),
      isBlind: (vantage, at) => isBlindAt(blind, vantage, at),
    },
  }
  const range = { from: readFrom, to, blind, sites }
  const pieces = pingHistory(victoriaMetrics, inventory, kinship, range, signal)
  const silence = createSilence(inventory, readFrom)
  const looks = createDueList<number>()
  /** By when they are known; those before `applied` are in the tracks. */
  let events: TrackEvent[] = []
  let applied = 0
  let loadedTo = readFrom
  /** Devices that are down, as of what was read, and as of the replayed instant. */
  const downAhead = new Map<string, DeviceTrack>()
  const down = new Map<string, DeviceTrack>()
  /** Devices of which a sample after this stamp is of interest, and wasn't read yet. */
  let expected: { readonly track: DeviceTrack; readonly stamp: number }[] = []
  for (const [id, track] of tracks) {
    if (track.machine.state?.up !== false) continue
    downAhead.set(id, track)
    down.set(id, track)
  }

  const atTurn = (at: number): number => Math.ceil(at / intervalMs) * intervalMs
  function look(at: number): void {
    if (at > to) return
    const later = Math.max(at, from)
    looks.set(later, later)
  }
  look(atTurn(from))
  for (const at of turningPoints(blind)) look(atTurn(at))

  function take({ to: until, samples }: PingPiece): void {
    events.splice(0, applied)
    applied = 0
    const fresh: TrackEvent[] = []
    for (const track of tracks.values()) {
      const own = samples(track.device) ?? usualSamples(track, until)
      const read = readAhead(track, own, until, reading)
      fresh.push(...read.events)
      for (const at of read.looks) look(atTurn(at))
      for (const { at } of own) silence.note(at)
    }
    for (const at of silence.take(until)) look(atTurn(at))
    const left = expected
    expected = []
    for (const { track, stamp } of left) expect(track, stamp)
    fresh.sort((one, other) => one.knownAt - other.knownAt)
    for (const event of fresh) plan(event)
    // Those that are left are known later than what was read.
    events = [...events, ...fresh].sort((one, other) => one.knownAt - other.knownAt)
    loadedTo = until
  }

  /** When an event, and what follows of it alone, must be looked at. */
  function plan({ track, knownAt, machine, kind }: TrackEvent): void {
    const { device } = track
    const { ancestors, descendants } = kinship(device.id)
    if (kind === 'suspect') {
      if (ancestors.some((id) => downAhead.has(id))) look(atTurn(knownAt))
      return
    }
    look(hints ? knownAt : atTurn(knownAt))
    const { state } = machine
    if (state?.up === false) {
      downAhead.set(device.id, track)
      for (const id of descendants) {
        const child = tracks.get(id)
        if (child !== undefined) expect(child, state.since)
      }
    } else downAhead.delete(device.id)
  }

  /** The first answer of a device after an outage before it tells whether it lies behind that. */
  function expect(track: DeviceTrack, stamp: number): void {
    const at = firstKnownAfter(track, stamp)
    if (at === null) expected.push({ track, stamp })
    else look(atTurn(at))
  }

  function apply(at: number): void {
    for (let event = events[applied]; event !== undefined; event = events[applied]) {
      if (event.knownAt > at) return
      applied++
      const { track, machine, changes, kind } = event
      track.machine = machine
      track.changes = changes
      if (kind === 'suspect') continue
      if (machine.state?.up === false) down.set(track.device.id, track)
      else down.delete(track.device.id)
      planFlapping(track, at)
    }
  }

  /** A device that flaps stops to do so when its score has fallen, without a sample. */
  function planFlapping({ device, changes }: DeviceTrack, at: number): void {
    const last = changes.at(-1)
    const thresholds = options.thresholdsOf(device)
    if (last === undefined || flappingSince(changes, at, thresholds) === null) return
    if (device.parents.length > 0) look(atTurn(last.at + FLAP_VERDICT_MS))
    let [low, high] = [at, at + FLAP_WINDOW_MS]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (hasSettled(changes, middle, thresholds)) high = middle
      else low = middle
    }
    look(atTurn(high))
  }

  return {
    async next() {
      for (;;) {
        const at = looks.next()
        if (at < loadedTo) return at
        const piece = await pieces.next()
        if (piece.done === true) return at > to ? null : at
        take(piece.value)
      }
    },
    at(at) {
      while (looks.take(at) !== undefined);
      apply(at)
      return fleetAt(inventory, tracks, blind, options, at)
    },
    evaluated(fleet, at, told) {
      for (const [id, { device, machine }] of down) {
        if (told.has(id) || device.parents.length === 0 || machine.state === null) continue
        const awaited = awaitedParent(fleet, NOT_CUT, device, machine.state.since, at)
        if (awaited !== null) return look(atTurn(at + 1))
      }
    },
  }
}

const NO_CHANGES: DeviceTrack['changes'] = []

function fleetAt(
  inventory: Inventory,
  tracks: ReadonlyMap<string, DeviceTrack>,
  blind: Stretches,
  { from, thresholdsOf }: Pick<FleetReplayOptions, 'from' | 'thresholdsOf'>,
  at: number,
): Fleet {
  const sights = sightsAt(blind, tracks, at)
  const evidence = (id: string): Evidence | undefined => {
    const track = tracks.get(id)
    if (track === undefined) return undefined
    const known = evidenceOf(track, at)
    return sights.isBlind(id) ? { ...known, isBlind: true } : known
  }
  return {
    inventory,
    statuses: deriveStatuses(inventory.values(), evidence, at),
    evidence,
    isSuspect(id) {
      const track = tracks.get(id)
      return track !== undefined && isSuspect(track.machine)
    },
    confirmedAt: (id) => tracks.get(id)?.machine.confirmedAt ?? null,
    changes(id) {
      const track = tracks.get(id)
      const last = track?.changes.at(-1)
      if (track === undefined || last === undefined) return NO_CHANGES
      // Most changes are long past: they amount to a score of 0, and looking at each of them at each turn costs most.
      const isOver = at - last.at >= FLAP_WINDOW_MS && thresholdsOf(track.device).low > 0
      return isOver ? NO_CHANGES : track.changes
    },
    canary: { state: null, lastSampleAt: null },
    get newestAt() {
      let newest = -Infinity
      for (const track of tracks.values()) newest = Math.max(newest, newestAt(track, at) ?? newest)
      return Number.isFinite(newest) ? newest : null
    },
    watchedSince: () => from,
    ...sights,
  }
}
