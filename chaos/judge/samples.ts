import { createPlan } from '../../collector/plan.ts'
import { type Sample, describeSamples } from '../../lab/oracle.ts'
import { type Outage, outagesOf } from '../../lab/truth.ts'
import { isCollector } from '../fault.ts'
import { type DoneFault, type History, type Missed, type Violation, contains } from './history.ts'
import { blind, forgotten, offClock, unprobed } from './windows.ts'

/** The echoes of a probe are sent this soon after its slot's start, and answered or not by then. */
const PROBE_MS = 1_500
/** A gap that a change of hands may leave: a lease, and a turn. */
const HAND_OVER_MS = 15_000

/** Slots of the plan that have no sample, more than the collectors say they skipped. */
export function lostSamples(history: History): Violation[] {
  const { devices, intervalMs, startAt, endAt, samples, collectors } = history
  const { nextSlot } = createPlan(devices.map(({ id }) => ({ key: id, intervalMs, target: id })))
  const away = unprobed(history)
  const excused = [...offClock(history), ...forgotten(history)]
  const longestGapMs = HAND_OVER_MS + 2 * intervalMs
  const stops = history.faults.filter(isStop).map(({ from }) => from)
  const lost: { device: string; at: number }[] = []
  for (const { id } of devices) {
    const own = samples.get(id) ?? []
    const stored = new Set(own.map(({ at }) => at))
    for (let at = nextSlot(id, startAt); at !== null && at <= endAt; at = nextSlot(id, at + 1)) {
      if (stored.has(at) || contains(excused, at)) continue
      if (!contains(away, at)) lost.push({ device: id, at })
      else if (collectors > 1 && gapAround(own, at, stops) > longestGapMs)
        lost.push({ device: id, at })
    }
  }
  return withoutSkipped(lost, history.missed).map(({ device, at }) => ({
    kind: 'sample lost',
    at,
    device,
    what: `no sample of a probe that was due (${describeSamples(around(samples.get(device) ?? [], at))})`,
  }))
}

/** A collector has its results and has handed them on this soon after fping's end. */
const WRITTEN_MS = 1_500
/** fping starts within its slot, or a moment later on a busy machine. */
const STARTED_MS = 2_500

/** What was asked and has no sample, whatever else was done meanwhile: only its collector's own end excuses that. */
export function lostProbes(history: History): Violation[] {
  const { devices, probes, samples, faults, startAt, endAt } = history
  const residents = Map.groupBy(devices, ({ address }) => address)
  const stamps = new Map([...samples].map(([id, own]) => [id, own.map(({ at }) => at)]))
  const excused = [...offClock(history), ...forgotten(history)]
  return probes.flatMap(({ collector, from, to, addresses }): Violation[] => {
    const isKilled = faults.some(
      (done) =>
        done.fault.kind === 'kill' &&
        done.fault.target === collector &&
        done.from >= from &&
        done.from <= to + WRITTEN_MS,
    )
    if (isKilled || from < startAt || to > endAt || contains(excused, from)) return []
    // An address that two devices have may have been asked for one of them alone.
    return addresses
      .map((address) => residents.get(address) ?? [])
      .filter(
        (own) => !own.some(({ id }) => hasBetween(stamps.get(id) ?? [], from - STARTED_MS, from)),
      )
      .flatMap(([device]) => (device === undefined ? [] : [device.id]))
      .map((device) => ({
        kind: 'sample lost',
        at: from,
        device,
        what: `${collector} asked it, and there is no sample of that`,
      }))
  })
}

/** Of instants in order. */
function hasBetween(stamps: readonly number[], from: number, to: number): boolean {
  let [low, high] = [0, stamps.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stamps[middle] ?? 0) < from) low = middle + 1
    else high = middle
  }
  return (stamps[low] ?? Infinity) <= to
}

/** What a collector says it skipped was not probed: as many as it says, in the time that it says. */
function withoutSkipped<T extends { readonly at: number }>(
  lost: readonly T[],
  missed: readonly Missed[],
): T[] {
  const budgets = missed.map((skipped) => ({ ...skipped }))
  return lost.filter(({ at }) => {
    const budget = budgets.find(({ from, to, slots }) => slots > 0 && at >= from && at <= to)
    if (budget === undefined) return true
    budget.slots--
    return false
  })
}

/** Answers of devices that were silent, and silence of those that were there. */
export function wrongSamples(history: History): Violation[] {
  const { devices, truth, samples, startAt, endAt } = history
  const isOff = offClock(history)
  const cut = blind(history).map(({ from, to }) => ({ from: from - PROBE_MS, to: to + PROBE_MS }))
  const outages = Map.groupBy(outagesOf(truth), ({ device }) => device)
  const lossy = lossyDevices(history)
  const wrong: Violation[] = []
  for (const { id } of devices) {
    const own = outages.get(id) ?? []
    const list = samples.get(id) ?? []
    for (const { at, up } of list) {
      if (at < startAt || at > endAt || contains(isOff, at)) continue
      if (up && own.some((outage) => isSurelySilent(outage, at)))
        wrong.push({
          kind: 'sample wrong',
          at,
          device: id,
          what: `answered while it was silent (${describeSamples(around(list, at))})`,
        })
      if (up || lossy.has(id) || contains(cut, at)) continue
      if (!own.some((outage) => mayBeSilent(outage, at)) && isConfirmed(list, at))
        wrong.push({
          kind: 'sample wrong',
          at,
          device: id,
          what: `silent while it was there (${describeSamples(around(list, at))})`,
        })
    }
  }
  return wrong
}

export const lossyDevices = ({ truth }: History): ReadonlySet<string> =>
  new Set(
    truth
      .filter(({ action, percent = 0 }) => action === 'lossy' && percent > 0)
      .map(({ device }) => device),
  )

const isSurelySilent = ({ down, up }: Outage, at: number): boolean =>
  at > down.at && at + PROBE_MS < (up?.askedAt ?? Infinity)

const mayBeSilent = ({ down, up }: Outage, at: number): boolean =>
  at + PROBE_MS >= down.askedAt && at <= (up?.at ?? Infinity)

/** A single probe that a busy machine answered too late is no outage, and wardline takes it for none. */
function isConfirmed(list: readonly Sample[], at: number): boolean {
  const place = list.findIndex((sample) => sample.at === at)
  return list[place - 1]?.up === false || list[place + 1]?.up === false
}

const isStop = ({ fault: { kind, target } }: DoneFault): boolean =>
  isCollector(target) && (kind === 'kill' || kind === 'freeze')

/** How long a device was without a sample around `at`: each collector that is stopped meanwhile makes that begin anew. */
function gapAround(list: readonly Sample[], at: number, stops: readonly number[]): number {
  const before = list.findLast((sample) => sample.at < at)?.at ?? at
  const after = list.find((sample) => sample.at > at)?.at ?? at
  const within = stops.filter((stop) => stop > before && stop < after)
  const ends = [before, ...within.toSorted((one, other) => one - other), after]
  return Math.max(...ends.slice(1).map((end, place) => end - (ends[place] ?? end)))
}

const around = (list: readonly Sample[], at: number): Sample[] =>
  list.filter((sample) => Math.abs(sample.at - at) <= 20_000)
