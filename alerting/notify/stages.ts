import { isCanary } from '../../lib/canary.ts'
import { acknowledges } from '../../lib/decisions/acknowledgement.ts'
import { fingerprintOf, type Tracked } from './alert-store.ts'
import type { Cover, InForce } from './in-force.ts'
import type { Inhibitor } from './inhibit.ts'
import type { Reach } from './reach.ts'
import type { Destination } from './routing.ts'
import type { Suppression } from './suppression.ts'

/** What decides about holding back, at one instant. */
export type Situation = {
  readonly at: number
  readonly inForce: InForce
  readonly inhibitor: Inhibitor
  readonly reach: Pick<Reach, 'cause'>
}

type AlertStage = (tracked: Tracked, situation: Situation) => Suppression | null
type RouteStage = (
  tracked: Tracked,
  destination: Destination,
  situation: Situation,
) => Suppression | null

// The pipeline after routing and grouping. Each stage holds a problem back or lets it pass; resolutions pass them all.
const ALERT_STAGES: readonly AlertStage[] = [inhibited, outOfReach, inMaintenance, silenced]
const ROUTE_STAGES: readonly RouteStage[] = [outOfHours, acknowledgedHere, notYetEscalated]

/** Why nobody is told of the alert; the same on every route, and kept until something of it may have changed. */
export function heldForAll(tracked: Tracked, situation: Situation): readonly Suppression[] {
  const { held } = tracked
  // The canary tries the way of every outage: what is silenced for all others must not look like a broken way.
  if (isCanary(tracked.alert.labels)) return []
  if (held !== null && held.inForce === situation.inForce) return held.suppressions
  const suppressions = ALERT_STAGES.map((stage) => stage(tracked, situation)).filter(isOne)
  tracked.held = { inForce: situation.inForce, suppressions }
  return suppressions
}

/** Why it isn't told on this route. */
export const heldOnRoute = (
  tracked: Tracked,
  destination: Destination,
  situation: Situation,
): readonly Suppression[] =>
  ROUTE_STAGES.map((stage) => stage(tracked, destination, situation)).filter(isOne)

export const isHeld = (tracked: Tracked, destination: Destination, situation: Situation): boolean =>
  heldForAll(tracked, situation).length > 0 ||
  ROUTE_STAGES.some((stage) => stage(tracked, destination, situation) !== null)

function inhibited({ alert }: Tracked, { inhibitor }: Situation): Suppression | null {
  const cause = inhibitor.cause(alert)
  return cause === null ? null : { by: 'inhibition', cause, until: null }
}

/** Whatever a rule says of a device: while nobody can reach it, the outage before it is the problem. */
function outOfReach(tracked: Tracked, { reach }: Situation): Suppression | null {
  const cause = reach.cause(tracked)
  return cause === null ? null : { by: 'parent', cause, until: null }
}

function inMaintenance({ alert }: Tracked, { inForce }: Situation): Suppression | null {
  const window = inForce.windows.find(({ matches }) => matches(alert.labels))
  return window === undefined ? null : covered('maintenance', window)
}

function silenced({ alert }: Tracked, { inForce }: Situation): Suppression | null {
  const silence = inForce.silences.find(({ matches }) => matches(alert.labels))
  return silence === undefined ? null : covered('silence', silence)
}

const covered = (by: 'maintenance' | 'silence', { cause, until }: Cover): Suppression => ({
  by,
  cause,
  until,
})

function outOfHours(
  _: Tracked,
  { activeIntervals, muteIntervals }: Destination,
  { inForce }: Situation,
): Suppression | null {
  const muting = muteIntervals.find(({ name }) => inForce.intervals.has(name))
  if (muting !== undefined) return { by: 'time-interval', cause: muting.name, until: null }
  if (activeIntervals.length === 0) return null
  if (activeIntervals.some(({ name }) => inForce.intervals.has(name))) return null
  const cause = activeIntervals.map(({ name }) => name).join(', ')
  return { by: 'time-interval', cause, until: null }
}

/** Holds back escalation; and, where it outlives its occurrence, the next ones. */
function acknowledgedHere(
  tracked: Tracked,
  { escalateAfterMs }: Destination,
  situation: Situation,
): Suppression | null {
  const found = acknowledgementOf(tracked, situation)
  if (found === null) return null
  return escalateAfterMs !== null || found.isOfEarlier ? found.suppression : null
}

function notYetEscalated(
  { alert }: Tracked,
  { escalateAfterMs, receiver }: Destination,
  { at }: Situation,
): Suppression | null {
  if (escalateAfterMs === null) return null
  const until = alert.startsAt + escalateAfterMs
  return at >= until ? null : { by: 'escalation', cause: receiver, until }
}

/** The acknowledgement that covers the alert. One that isn't sticky ends when the alert's revision changes. */
export function acknowledgementOf(
  tracked: Tracked,
  { at, inForce }: Situation,
): { readonly suppression: Suppression; readonly isOfEarlier: boolean } | null {
  if (inForce.acknowledgements.size === 0) return null
  const { alert, revisedAt } = tracked
  const print = fingerprintOf(tracked)
  const given = inForce.acknowledgements
    .get(print)
    ?.find(
      (one) =>
        acknowledges(one, { fingerprint: print, startsAt: alert.startsAt }, at) &&
        (one.sticky || one.at >= revisedAt),
    )
  if (given === undefined) return null
  return {
    suppression: { by: 'acknowledged', cause: given.createdBy, until: given.expiresAt },
    isOfEarlier: Math.floor(given.startsAt / 1000) !== Math.floor(alert.startsAt / 1000),
  }
}

const isOne = (suppression: Suppression | null): suppression is Suppression => suppression !== null
