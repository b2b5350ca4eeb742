import { type Fault, isCollector } from '../fault.ts'
import { type DoneFault, type History, type Window } from './history.ts'

// When what can't be expected of wardline, given what was done to it: each promise of the documentation with the time
// that it takes.

/** Runs of fping under way when a collector is killed end with it: two echoes, a timeout and the writing of it. */
const RUN_MS = 4_000
/** From the start of a process that answers until it probes in its turn. */
const AGAIN_MS = 5_000
/** A collector that is gone is missed after its lease, and others have taken its devices by then. */
const TAKE_OVER_MS = 15_000
/** What is stored and read late is caught up with: a lease of alerting, evaluations, retries with their backoff. */
const CATCH_UP_MS = 15_000

/** When there may be nobody who probes, of some devices at least. */
export function unprobed({ faults, collectors }: History): Window[] {
  const after = collectors > 1 ? TAKE_OVER_MS : AGAIN_MS
  return faults
    .filter((done) => stopsProbes(done, faults) || (collectors > 1 && touchesRedis(done.fault)))
    .map(({ fault, from, to }) => {
      const shift = Math.abs(fault.stepMs ?? 0)
      return { from: from - RUN_MS - shift, to: to + after + shift }
    })
}

function stopsProbes(done: DoneFault, faults: readonly DoneFault[]): boolean {
  const { kind, target } = done.fault
  if (kind === 'clock') return isStartedOff(done, faults)
  return isCollector(target) && (kind === 'kill' || kind === 'freeze')
}

/** Collectors that lose sight of one another hand devices over. */
const touchesRedis = ({ target, store, kind }: Fault): boolean =>
  (target === 'redis' && kind !== 'disk') || (isCollector(target) && store === 'redis')

/** When failed probes say nothing: the collectors have lost their network. */
export const blind = ({ faults }: History): Window[] =>
  faults.filter(({ fault }) => fault.kind === 'blind').map(spanOf)

/** VictoriaMetrics killed with -9 loses as much of what it had acknowledged. */
const UNWRITTEN_MS = 15_000
/** From its acknowledgement until it stands in the collector's journal, at the most loaded moment. */
const JOURNAL_MS = 2_000
/** A disk that was full is tried again so long after it failed. */
const DISK_AGAIN_MS = 6_000

/**
 * What nobody has any more: VictoriaMetrics lost what it had acknowledged, and the collector that had sent it was killed
 * before its journal had it (docs/spool.md), as it has nothing while its disk is full.
 */
export function forgotten({ faults }: History): Window[] {
  const kills = faults.filter(({ fault }) => fault.kind === 'kill')
  return kills
    .filter(({ fault }) => fault.target === 'victoria-metrics')
    .flatMap(({ from: lostAt }) =>
      kills
        .filter(({ fault, from }) => isCollector(fault.target) && isNear(from, lostAt))
        .map(({ fault, from }) => {
          const to = Math.min(from, lostAt)
          const full = faults.find((other) => isDiskOf(fault.target, other, to))
          const begun = Math.max(lostAt - UNWRITTEN_MS, full?.from ?? -Infinity)
          return { from: full === undefined ? to - JOURNAL_MS : Math.min(begun, to), to }
        }),
    )
}

const isNear = (collectorAt: number, lostAt: number): boolean =>
  collectorAt >= lostAt - UNWRITTEN_MS && collectorAt <= lostAt + JOURNAL_MS

/** Whether the journal couldn't be written then. */
const isDiskOf = (target: Fault['target'], { fault, from, to }: DoneFault, at: number): boolean =>
  fault.kind === 'disk' && fault.target === target && from <= at && to + DISK_AGAIN_MS >= at

/** A clock that is set isn't followed (docs/vantages.md), but a process that starts meanwhile knows no other. */
const isStartedOff = ({ fault, from, to }: DoneFault, faults: readonly DoneFault[]): boolean =>
  faults.some(
    (other) =>
      other.fault.kind === 'kill' &&
      other.fault.target === fault.target &&
      other.to >= from - AGAIN_MS &&
      other.to <= to,
  )

/** When stamps are off, and samples of two clocks are mixed. */
export const offClock = ({ faults }: Pick<History, 'faults'>): Window[] =>
  faults
    .filter((done) => done.fault.kind === 'clock' && isStartedOff(done, faults))
    .map(({ fault: { stepMs = 0 }, from, to }) => {
      const shift = Math.abs(stepMs)
      return { from: from - shift - RUN_MS, to: to + shift + CATCH_UP_MS }
    })

/** When what happens to devices may not be known, or not be told, in time. */
export const impaired = ({
  faults,
  intervalMs,
}: Pick<History, 'faults' | 'intervalMs'>): Window[] =>
  faults
    .filter((done) => done.fault.kind !== 'clock' || isStartedOff(done, faults))
    .map(({ fault, from, to }) => {
      const shift = Math.abs(fault.stepMs ?? 0)
      return { from: from - RUN_MS - shift, to: to + CATCH_UP_MS + intervalMs + shift }
    })

const spanOf = ({ from, to }: DoneFault): Window => ({ from, to })
