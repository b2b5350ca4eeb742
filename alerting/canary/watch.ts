import { type Flip, nextFlip } from '../../lib/canary.ts'
import { type Clock, isAbort } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Alert } from '../alert.ts'
import { silentFleet } from '../availability/fleet.ts'
import { type AlertStates, evaluateGroup } from '../evaluate.ts'
import type { CanaryMeter } from './meter.ts'
import { LOST_AFTER_MS, lostGroup } from './lost-rule.ts'

/** Takes the alerts of the canary's own group after each look. */
export type TellLost = (alerts: readonly Alert[], at: number) => void

export type CanaryWatch = {
  /** Takes the flips that came out. */
  arrived(flips: readonly Flip[]): void
  /** Waits for each flip until the signal aborts, and raises `CanaryLost` when one doesn't come. */
  run(tell: TellLost, signal: AbortSignal): Promise<void>
}

/** Before a process was there for so long, it owes nothing. */
const WARM_UP_MS = 15_000
const TURN_MS = 5_000

/**
 * Watches that the canary's flips come out. It has a clock and an evaluation of its own: it must be able to tell when
 * the engine stands still.
 */
export function createCanaryWatch({
  intervalMs,
  meter,
  clock,
  log,
}: {
  intervalMs: number
  meter: CanaryMeter
  clock: Clock
  log: Logger
}): CanaryWatch {
  /** Stamp of the newest flip that came out. */
  let newestAt = -Infinity
  let lost: Flip | null = null
  let arrival = new AbortController()
  const states: AlertStates = new Map()
  const group = lostGroup(() => lost)

  async function watch(tell: TellLost, signal: AbortSignal): Promise<void> {
    // What a term before this one missed may have come out of another process.
    lost = null
    states.clear()
    let awaited = nextFlip(clock.now() + WARM_UP_MS, intervalMs)
    meter.lost(false)
    while (!signal.aborted) {
      const until = Math.min(awaited.at + LOST_AFTER_MS, clock.now() + TURN_MS)
      await clock.sleepUntil(until, AbortSignal.any([signal, arrival.signal])).catch(() => {})
      if (signal.aborted) return
      if (arrival.signal.aborted) arrival = new AbortController()
      const at = clock.now()
      awaited = look(awaited, at)
      const facts = { at, signal, fleet: NO_FLEET, query: askNobody }
      const { alerts } = await evaluateGroup(group, states, facts)
      tell(alerts, at)
    }
  }

  /** The flip to wait for after this look: the next one, once this one came or is lost. */
  function look(awaited: Flip, now: number): Flip {
    // A clock that was set back: what comes now is older than what came, and would be waited for until it isn't.
    if (newestAt > now) newestAt = -Infinity
    if (awaited.at > now + 2 * intervalMs) return nextFlip(now, intervalMs)
    if (lost !== null && newestAt >= lost.at) setLost(null)
    if (newestAt >= awaited.at) return nextFlip(newestAt, intervalMs)
    if (now < awaited.at + LOST_AFTER_MS) return awaited
    if (lost === null) setLost(awaited)
    return nextFlip(Math.max(awaited.at, now - LOST_AFTER_MS), intervalMs)
  }

  function setLost(flip: Flip | null): void {
    lost = flip
    meter.lost(flip !== null)
    if (flip === null) log.info('the canary is back')
    else log.error({ flip: new Date(flip.at).toISOString() }, 'the canary is lost')
  }

  return {
    arrived(flips) {
      const now = clock.now()
      for (const flip of flips) {
        // A message that tells of a flip again is no other one.
        if (flip.at <= newestAt || flip.at > now) continue
        newestAt = flip.at
        meter.arrived(flip, (now - flip.at) / 1000)
      }
      arrival.abort()
    },
    run: (tell, signal) =>
      watch(tell, signal).catch((error: unknown) => {
        if (!isAbort(error, signal)) throw error
      }),
  }
}

// The rule asks nothing of anybody: what it tells of is that others don't answer.
const askNobody = () => Promise.resolve({ vector: [], isPartial: false, seriesFetched: null })
const NO_FLEET = silentFleet(new Map())
