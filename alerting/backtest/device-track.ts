import type { Device } from '../../lib/inventory.ts'
import { type Evidence, STALE_INTERVALS } from '../../lib/status.ts'
import { type Change, withChange } from '../availability/flapping.ts'
import { type Machine, observe } from '../availability/machine.ts'
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

export type ReadAhead = {
  readonly events: readonly TrackEvent[]
  /** Instants at which the device's status begins or ends to be unknown. */
  readonly looks: readonly number[]
}

export const createTrack = (device: Device, machine: Machine): DeviceTrack => ({
  device,
  vantage: undefined,
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
  latency: Latency,
  isVoid: (sample: PingSample) => boolean = () => false,
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

  for (const sample of samples) {
    const { at, up } = sample
    if (at <= lastAt) continue
    track.vantage = sample.vantage ?? track.vantage
    noteSilence(at)
    lastKnownAt = Math.max(lastKnownAt, at + latency(device, up))
    if (track.silentSince === lastAt || lastAt === -Infinity) looks.push(lastKnownAt)
    lastAt = at
    stamps.push(at)
    knownAt.push(lastKnownAt)
    if (isVoid(sample) || isUsual(machine, up)) continue
    const next = observe(machine, up, at, device.ping.confirm)
    if (next === machine) continue
    const isTransition = next.state !== machine.state
    if (isTransition && next.state !== null && machine.state !== null)
      changes = withChange(changes, { at: next.state.since, up: next.state.up })
    if (isTransition || isSuspect(next) !== isSuspect(machine)) {
      const kind = isTransition ? 'transition' : 'suspect'
      events.push({ track, knownAt: lastKnownAt, machine: next, changes, kind })
    }
    machine = next
  }
  noteSilence(until)
  track.ahead = { machine, changes }
  return { events, looks }
}

/** The samples of a device that does at each of its slots what it did before. */
export function usualSamples({ device, stamps, ahead }: DeviceTrack, until: number): PingSample[] {
  const samples: PingSample[] = []
  const up = ahead.machine.state?.up ?? true
  const last = stamps.at(-1)
  if (last === undefined) return samples
  for (let at = last + device.ping.intervalMs; at < until; at += device.ping.intervalMs)
    samples.push({ at, up })
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
