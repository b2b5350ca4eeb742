import type { FleetDevice } from '../../lab/fleet.ts'
import { type SampledOutage, outagesIn } from '../../lab/oracle.ts'
import { type Outage, outagesOf } from '../../lab/truth.ts'
import { type History, type Violation, type Window, longestFree } from './history.ts'
import { lossyDevices } from './samples.ts'
import { blind, forgotten, impaired, offClock } from './windows.ts'

/** An outage as its samples show it, and what must come of it. */
export type ExpectedOutage = SampledOutage & {
  /** How far off `down_since` may be: 0 but for what began while the collector's word counted for nothing. */
  readonly toleranceMs: number
  /** `must` be told, `may` be, or lies behind another outage and is `hidden`. */
  readonly telling: 'must' | 'may' | 'hidden'
}

export type ExpectedOutages = ReadonlyMap<string, readonly ExpectedOutage[]>

/** What is down for so long, undisturbed, has been seen, confirmed and told. */
const TOLD_MS = 20_000
/** From the first echo that is lost until the plan's next probe is known, beside the interval. */
const SEEN_MS = 10_000

export function expectedOutages(history: History): ExpectedOutages {
  const { devices, samples, startAt, endAt } = history
  const cut = blind(history)
  const isOff = offClock(history)
  const lost = forgotten(history)
  const deaf = impaired(history)
  const truth = Map.groupBy(outagesOf(history.truth), ({ device }) => device)
  const ancestors = ancestorsOf(devices)
  const expected = new Map<string, ExpectedOutage[]>()
  for (const { id } of devices) {
    // While the network of the collectors is gone, silence says nothing.
    const heard = (samples.get(id) ?? []).filter(({ at, up }) => up || !within(cut, at))
    const outages = outagesIn(heard).map((outage): ExpectedOutage => {
      const until = outage.until ?? endAt
      const isHidden = ancestors(id).some((parent) => covers(truth.get(parent) ?? [], outage.since))
      const isLong = longestFree(deaf, outage.since, until) >= TOLD_MS
      return {
        ...outage,
        toleranceMs: toleranceOf(history, [...cut, ...isOff, ...lost], outage.since),
        telling: isHidden ? 'hidden' : isLong && outage.since >= startAt ? 'must' : 'may',
      }
    })
    if (outages.length > 0) expected.set(id, outages)
  }
  return expected
}

/** Outages that were made and don't show in the samples, and the other way round. */
export function wrongOutages(history: History, expected: ExpectedOutages): Violation[] {
  const { intervalMs, endAt, startAt } = history
  const deaf = impaired(history)
  const lossy = lossyDevices(history)
  const truth = Map.groupBy(outagesOf(history.truth), ({ device }) => device)
  const wrong: Violation[] = []
  for (const [device, made] of truth)
    for (const { down, up } of made) {
      const until = up?.askedAt ?? endAt
      const isSeen = (expected.get(device) ?? []).some(
        ({ since, until: end }) => since <= until && (end ?? Infinity) >= down.at,
      )
      const free = longestFree(deaf, Math.max(down.at, startAt), until)
      if (!isSeen && free > intervalMs + SEEN_MS)
        wrong.push({
          kind: 'outage wrong',
          at: down.at,
          device,
          what: 'an outage that no samples show',
        })
    }
  for (const [device, outages] of expected) {
    if (lossy.has(device)) continue
    for (const { since, until, toleranceMs } of outages) {
      const made = truth.get(device) ?? []
      const isMade = made.some(
        ({ down, up }) =>
          down.askedAt - toleranceMs - 1_500 <= since &&
          (up?.at ?? Infinity) + toleranceMs >= since,
      )
      if (!isMade && since >= startAt && (until ?? endAt) <= endAt)
        wrong.push({
          kind: 'outage wrong',
          at: since,
          device,
          what: 'samples show an outage that was not made',
        })
    }
  }
  return wrong
}

/** Everything that a device is reached through, where all ways lead through it. */
export function ancestorsOf(devices: readonly FleetDevice[]): (id: string) => readonly string[] {
  const parents = new Map(devices.map((device) => [device.id, device.parents ?? []]))
  return function above(id): string[] {
    const own = parents.get(id) ?? []
    // With two ways up, one of them down hides nothing.
    const [only] = own.length === 1 ? own : []
    return only === undefined ? [] : [only, ...above(only)]
  }
}

const covers = (outages: readonly Outage[], at: number): boolean =>
  // A child may be probed before its parent is.
  outages.some(({ down, up }) => down.askedAt - 1_500 <= at && (up?.at ?? Infinity) >= at)

const within = (windows: readonly Window[], at: number): boolean =>
  windows.some(({ from, to }) => at >= from && at <= to)

function toleranceOf(
  { intervalMs, faults }: History,
  windows: readonly Window[],
  at: number,
): number {
  const isNear = windows.some(
    ({ from, to }) => at >= from - intervalMs && at <= to + 2 * intervalMs,
  )
  if (!isNear) return 0
  const shifts = faults.map(({ fault }) => Math.abs(fault.stepMs ?? 0))
  return Math.max(...shifts, 0) + 3 * intervalMs
}
