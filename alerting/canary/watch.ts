import { type Flip, nextFlip } from '../../lib/canary.ts'
import { type Clock, isAbort } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Alert } from '../alert.ts'
import type { Fleet } from '../availability/watch.ts'
import { type AlertStates, evaluateGroup } from '../evaluate.ts'
import type { Result, RuleGroup } from '../rule.ts'

/** A flip that didn't come out within this is lost. */
export const LOST_AFTER_MS = 30_000

/** Before this process was there for so long, it owes nothing. */
const WARM_UP_MS = 15_000
const TURN_MS = 5_000

export const CANARY_GROUP = 'canary'

export type CanaryMeter = {
  /** A flip came out so many seconds after it was due. */
  arrived(flip: Flip, seconds: number): void
  lost(isLost: boolean): void
}

export type Canary = {
  /** Takes the flips that came out. */
  arrived(flips: readonly Flip[]): void
  /** Waits for each flip until the signal aborts, and raises `CanaryLost` when one doesn't come. */
  run(signal: AbortSignal): Promise<void>
}

/**
 * Watches that the canary's flips come out. It has a clock and an evaluation of its own: it must be able to tell when
 * the engine stands still.
 */
export function createCanary({
  intervalMs,
  tell,
  meter,
  clock,
  log,
}: {
  intervalMs: number
  /** Takes the group's alerts: the notifier, and whoever writes their series. */
  tell: (group: RuleGroup, alerts: readonly Alert[], at: number) => void
  meter: CanaryMeter
  clock: Clock
  log: Logger
}): Canary {
  /** Stamp of the newest flip that came out. */
  let newestAt = -Infinity
  let lost: Flip | null = null
  let wake = new AbortController()
  const states: AlertStates = new Map()
  const group = lostGroup(() => lost)

  async function watch(signal: AbortSignal): Promise<void> {
    let awaited = nextFlip(clock.now() + WARM_UP_MS, intervalMs)
    meter.lost(false)
    while (!signal.aborted) {
      const now = clock.now()
      const until = Math.min(awaited.at + LOST_AFTER_MS, now + TURN_MS)
      await clock.sleepUntil(until, AbortSignal.any([signal, wake.signal])).catch(() => {})
      if (signal.aborted) return
      if (wake.signal.aborted) wake = new AbortController()
      awaited = look(awaited, clock.now())
      const facts = { at: clock.now(), signal, fleet: NO_FLEET, query: noQuery }
      const { alerts } = await evaluateGroup(group, states, facts)
      tell(group, alerts, facts.at)
    }
  }

  /** The flip to wait for after this look: the next one, once this one came or is lost. */
  function look(awaited: Flip, now: number): Flip {
    if (newestAt >= awaited.at) {
      if (lost !== null && newestAt >= lost.at) found()
      return nextFlip(newestAt, intervalMs)
    }
    if (lost !== null && newestAt >= lost.at) found()
    if (now < awaited.at + LOST_AFTER_MS) {
      // A clock that was set back by more than a turn of the canary: it begins anew.
      return awaited.at > now + 2 * intervalMs ? nextFlip(now, intervalMs) : awaited
    }
    if (lost === null) log.error({ flip: toIso(awaited.at) }, 'the canary is lost')
    lost ??= awaited
    meter.lost(true)
    return nextFlip(Math.max(awaited.at, now - LOST_AFTER_MS), intervalMs)
  }

  function found(): void {
    log.info('the canary is back')
    lost = null
    meter.lost(false)
  }

  return {
    arrived(flips) {
      const now = clock.now()
      for (const flip of flips) {
        // A message that repeats a flip is no other one.
        if (flip.at <= newestAt || flip.at > now) continue
        newestAt = flip.at
        meter.arrived(flip, (now - flip.at) / 1000)
      }
      wake.abort()
    },
    async run(signal) {
      await watch(signal).catch((error: unknown) => {
        if (!isAbort(error, signal)) throw error
      })
    },
  }
}

function lostGroup(lostFlip: () => Flip | null): RuleGroup {
  return {
    name: CANARY_GROUP,
    file: '',
    intervalMs: TURN_MS,
    rules: [
      {
        alert: 'CanaryLost',
        severity: 'critical',
        expr: canaryLost,
        annotations: {
          summary: () => 'Outages may not be told: the canary is lost',
          description: ({ activeAt }) =>
            `What the canary did at ${toIso(activeAt)} did not come out within ${LOST_AFTER_MS / 1000} s. ` +
            "Look at the health of collector, VictoriaMetrics, alerting and Redis, and at alerting's log",
        },
      },
    ],
  }

  function canaryLost({ at }: { at: number }): Result[] {
    const flip = lostFlip()
    return flip === null ? [] : [{ labels: {}, value: 1, at, since: flip.at }]
  }
}

const toIso = (at: number): string => new Date(at).toISOString()

// The rule asks nothing of anybody: what it tells of is that others don't answer.
const NO_FLEET: Fleet = {
  inventory: new Map(),
  statuses: new Map(),
  evidence: () => undefined,
  isSuspect: () => false,
  confirmedAt: () => null,
  changes: () => [],
  canary: { state: null, lastSampleAt: null },
  newestAt: null,
  watchedSince: () => 0,
}
const noQuery = () => Promise.resolve({ vector: [], isPartial: false, seriesFetched: null })
