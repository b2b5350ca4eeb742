import type { Sample } from './line-protocol.ts'
import type { Vector } from './victoriametrics.ts'

/**
 * While samples of a collector wait in its spool, it says each second how old the oldest of them is, in front of those that
 * it takes now: epoch seconds, 0 once none waits. What is stored of it up to there is complete, what is stored after it
 * isn't.
 */
export const SPOOL_FROM = 'wardline_spool_from_seconds'

/** Alerting's word on that: the states of what the vantage probes are those of this instant; 0: they are those of now. */
export const STATES_FROM = 'wardline_vantage_late_from_seconds'

/** So long after its last word a collector isn't there any more. */
const WAITING_WINDOW = '12s'
/** Alerting repeats its word each 15 s. */
const STATES_WINDOW = '1m'
export const REPEAT_STATES_FROM_MS = 15_000

/** Both, by their last words. */
export const latenessQuery = `union(
      last_over_time(${SPOOL_FROM}{vantage!=""}[${WAITING_WINDOW}]),
      last_over_time(${STATES_FROM}[${STATES_WINDOW}]))`

/** What the collectors themselves say. */
export const waitingQuery = `last_over_time(${SPOOL_FROM}{vantage!=""}[${WAITING_WINDOW}])`

/** `from` null: alerting waits for nothing of that vantage. */
export const statesFromSample = (vantage: string, from: number | null, at: number): Sample => ({
  measurement: '',
  labels: { vantage },
  fields: { [STATES_FROM]: (from ?? 0) / 1000 },
  at,
})

/** Of the vantages whose samples wait, the stamp of the oldest one, by their own words. */
export const waitingFrom = (vector: Vector): Map<string, number> =>
  without0(said(vector, SPOOL_FROM))

/**
 * Of the vantages whose samples are late, up to when the states of what they probe are known. Alerting decides how long it
 * waits; before it has said anything, what the collector says holds.
 */
export function lateFrom(vector: Vector): Map<string, number> {
  return without0(new Map([...said(vector, SPOOL_FROM), ...said(vector, STATES_FROM)]))
}

function said(vector: Vector, name: string): Map<string, number> {
  const all = new Map<string, number>()
  for (const { labels, value } of vector) {
    const { __name__: metric, vantage } = labels
    if (metric !== name || vantage === undefined || !Number.isFinite(value)) continue
    all.set(vantage, Math.max(Math.round(value * 1000), all.get(vantage) ?? 0))
  }
  return all
}

const without0 = (all: ReadonlyMap<string, number>): Map<string, number> =>
  new Map([...all].filter(([, from]) => from > 0))
