import type { Device } from '../../lib/inventory.ts'
import { type Evidence, STALE_INTERVALS } from '../../lib/status.ts'
import { type Change, withChange } from '../availability/flapping.ts'
import { type Joint, type Jury, agreed, observeJoint } from '../availability/joint.ts'
import { type Machine, isUnconfirmed, observe } from '../availability/machine.ts'
import type { PingSample } from '../availability/samples.ts'
import type { Latency } from './latency.ts'

/** A sample with which more changed of a device than when it was probed last. */
export type TrackEvent = {
  readonly track: DeviceTrack
  /** When alerting knows of it. */
  readonly knownAt: number
  readonly machine: Machine
  readonly changes: readonly Change[]
  readonly kind: 'transition' | 'suspect'
}

/** What a device's samples say, read ahead of what is known of it at the replayed instant. */
export type DeviceTrack = {
  readonly device: Device
  /** Who probed it last, where that matters. */
  vantage: string | undefined
  /** Of several sites, who was heard last from each, in all samples that were read. */
  heard: Joint['heard']
  /** As of the replayed instant. */
  machine: Machine
  changes: readonly Change[]
  /** After all samples that were read. */
  ahead: { machine: Machine; changes: readonly Change[] }
  /** Stamps of samples, and when each is known; those long before the replayed instant are dropped. */
  stamps: number[]
  knownAt: number[]
  /** The place of the newest sample that is known; -1 before the first. */
  newest: number
  /** The stamp of the sample whose silence was noted last. */
  silentSince: number
  /** What was known when it was asked for last. */
  evidence: { readonly machine: Machine; readonly evidence: Evidence } | null
}

/** How several sites come to one verdict. */
export type Together = Pick<Jury, 'isBlind'> & {
  readonly siteOf: (vantage: string | undefined) => string
}

/** How samples are taken. `together` null: all are of one site. */
export type Reading = {
  readonly latency: Latency
  readonly isVoid?: (sample: PingSample) => boolean
  readonly together?: Together | null
}

export type ReadAhead = {
  readonly events: readonly TrackEvent[]
  /** Instants at which the device's status begins or ends to be unknown. */
  readonly looks: readonly number[]
}

export const createTrack = (device: Device, machine: Machine): DeviceTrack => ({
  device,
  vantage: undefined,
  heard: new Map(),
  machine,
  changes: [],
  ahead: { machine, changes: [] },
  stamps: [],
  knownAt: [],
  newest: -1,
  silentSince: -Infinity,
  evidence: null,
})

/**
 * Takes the next samples of a device, all that are stamped before `until`. Those that say nothing show no more than that
 * it was probed.
 */
export function readAhead(
  track: DeviceTrack,
  samples: readonly PingSample[],
  until: number,
  { latency, isVoid = () => false, together = null }: Reading,
): ReadAhead {
  dropOld(track)
  const { device, stamps, knownAt } = track
  const events: TrackEvent[] = []
  const looks: number[] = []
  const staleMs = STALE_INTERVALS * device.ping.intervalMs
  let lastAt = stamps.at(-1) ?? -Infinity
  let lastKnownAt = knownAt.at(-1) ?? -Infinity
  let { machine, changes } = track.ahead

  /** Whoever is silent for too long is unknown. */
  const noteSilence = (at: number): void => {
    if (at - lastAt <= staleMs || track.silentSince === lastAt || lastAt === -Infinity) return
    track.silentSince = lastAt
    looks.push(lastAt + staleMs + 1)
  }

  const step = (next: Machine): void => {
    const isTransition = next.state !== machine.state
    if (isTransition && next.state !== null && machine.state !== null)
      changes = withChange(changes, { at: next.state.since, up: next.state.up })
    if (isTransition || isSuspect(next) !== isSuspect(machine)) {
      const kind = isTransition ? 'transition' : 'suspect'
      events.push({ track, knownAt: lastKnownAt, machine: next, changes, kind })
    }
    machine = next
  }

  /** What one more sample makes of the device. */
  const stepWith = (sample: PingSample): void => {
    const { at, up, vantage = '' } = sample
    if (together === null) {
      if (!isUsual(machine, up)) step(observe(machine, up, at, device.ping.confirm))
      return
    }
    const sited = { at, up, vantage, site: together.siteOf(vantage) }
    const next = observeJoint({ machine, heard: track.heard }, sited, juryOf(device, together))
    track.heard = next.heard
    step(next.machine)
  }

  /** A site that fell silent isn't waited for any longer: the others may agree without a sample more. */
  const agreeBefore = (end: number): void => {
    if (together === null || !isUnconfirmed(machine)) return
    for (const at of staleTimes(track, machine)) {
      if (at >= end) return
      const joint = agreed({ machine, heard: track.heard }, at, juryOf(device, together))
      if (joint.machine === machine) continue
      lastKnownAt = Math.max(lastKnownAt, at)
      return step(joint.machine)
    }
  }

  for (const sample of samples) {
    const { at, up } = sample
    // Of one instant there is a sample of each site.
    if (at < lastAt || (at === lastAt && together === null)) continue
    track.vantage = sample.vantage ?? track.vantage
    agreeBefore(at)
    if (at > lastAt) {
      noteSilence(at)
      lastKnownAt = Math.max(lastKnownAt, at + latency(device, up))
      if (track.silentSince === lastAt || lastAt === -Infinity) looks.push(lastKnownAt)
      lastAt = at
      stamps.push(at)
      knownAt.push(lastKnownAt)
    }
    if (!isVoid(sample)) stepWith(sample)
  }
  agreeBefore(until)
  noteSilence(until)
  track.ahead = { machine, changes }
  return { events, looks }
}

const juryOf = ({ ping }: Device, { isBlind }: Together): Jury => ({
  confirm: ping.confirm,
  freshMs: STALE_INTERVALS * ping.intervalMs,
  isBlind,
})

/** When the sites that have no part in a run of failed probes have been silent for too long to be waited for, in order. */
function staleTimes({ device, heard }: DeviceTrack, { failingSince, lastAt }: Machine): number[] {
  return [...heard.values()]
    .filter(({ at }) => at < (failingSince ?? -Infinity))
    .map(({ at }) => at + STALE_INTERVALS * device.ping.intervalMs + 1)
    .filter((at) => at > lastAt)
    .toSorted((one, other) => one - other)
}

/** Who looks after a device, as of what was read: who probed it last, or who did of each site that looks. */
export function vantagesOf({ device, heard, vantage = '' }: DeviceTrack): readonly string[] {
  if (heard.size === 0) return [vantage]
  const newest = Math.max(...[...heard.values()].map(({ at }) => at))
  return [...heard.values()]
    .filter(({ at }) => newest - at <= STALE_INTERVALS * device.ping.intervalMs)
    .map((one) => one.vantage)
}

/** The samples of a device that does at each of its slots what it did before, for each site that looks at it. */
export function usualSamples(track: DeviceTrack, until: number): PingSample[] {
  const { device, stamps, ahead, heard } = track
  const samples: PingSample[] = []
  const up = ahead.machine.state?.up ?? true
  const last = stamps.at(-1)
  if (last === undefined) return samples
  const sites = heard.size === 0 ? [] : vantagesOf(track)
  for (let at = last + device.ping.intervalMs; at < until; at += device.ping.intervalMs) {
    if (sites.length === 0) samples.push({ at, up })
    for (const vantage of sites) samples.push({ at, up, vantage })
  }
  return samples
}

/** One more of what the device does anyway. */
const isUsual = ({ state, failingSince }: Machine, up: boolean): boolean =>
  state !== null && (up ? state.up && failingSince === null : !state.up)

export const isSuspect = ({ state, failingSince }: Machine): boolean =>
  failingSince !== null && state?.up !== false

/** The stamp of the newest sample that is known at `at`, which never goes back; null before the first. */
export function newestAt(track: DeviceTrack, at: number): number | null {
  const { knownAt, stamps } = track
  while ((knownAt[track.newest + 1] ?? Infinity) <= at) track.newest++
  return stamps[track.newest] ?? null
}

export function evidenceOf(track: DeviceTrack, at: number): Evidence {
  const { machine, evidence: known } = track
  const lastSampleAt = newestAt(track, at)
  if (known?.machine === machine && known.evidence.lastSampleAt === lastSampleAt)
    return known.evidence
  const evidence = { state: machine.state, lastSampleAt }
  track.evidence = { machine, evidence }
  return evidence
}

/** When the first sample is known that is stamped after `stamp`; null where none was read yet. */
export function firstKnownAfter({ stamps, knownAt }: DeviceTrack, stamp: number): number | null {
  let [low, high] = [0, stamps.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stamps[middle] ?? 0) > stamp) high = middle
    else low = middle + 1
  }
  return knownAt[low] ?? null
}

function dropOld(track: DeviceTrack): void {
  const old = Math.max(0, track.newest)
  if (old === 0) return
  track.stamps = track.stamps.slice(old)
  track.knownAt = track.knownAt.slice(old)
  track.newest -= old
}
