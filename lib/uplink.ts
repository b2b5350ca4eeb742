/** What is known of one uplink. `down` is lost; `admin_down` was switched off by a person; `unknown` is neither. */
export type UplinkState = 'up' | 'down' | 'admin_down' | 'unknown'

export const UPLINK_STATES = [
  'down',
  'unknown',
  'admin_down',
  'up',
] as const satisfies readonly UplinkState[]

/** The uplinks of a branch in one word; which of them are lost, their own states say. */
export const UPLINK_SUMMARIES = [
  /** No interface of its devices is an uplink. */
  'none',
  /** All are up. */
  'ok',
  /** One at least is lost, and another one isn't. */
  'degraded',
  /** All that are in service are lost. */
  'down',
  /** None is lost; one at least was switched off, and what is in service is up. */
  'admin_down',
  /** None is known to be lost, and one at least isn't known at all. */
  'unknown',
] as const

export type UplinkSummary = (typeof UPLINK_SUMMARIES)[number]

/** `ifAdminStatus` and `ifOperStatus` (RFC 2863). */
const ADMIN_DOWN = 2
const STATE_OF: Readonly<Record<number, UplinkState>> = {
  1: 'up',
  2: 'down',
  // Testing passes no traffic, but nobody lost it; and the agent may say itself that it doesn't know.
  3: 'unknown',
  4: 'unknown',
  // A line that is dialled on demand: nothing is wrong with it, it waits to be used.
  5: 'up',
  6: 'down',
  7: 'down',
}

/** The state of one uplink. `isFresh` is false when its device doesn't answer SNMP, or hasn't for too long. */
export function uplinkState({
  oper,
  admin,
  isFresh,
}: {
  oper: number | null
  admin: number | null
  isFresh: boolean
}): UplinkState {
  if (!isFresh) return 'unknown'
  if (admin === ADMIN_DOWN) return 'admin_down'
  return (oper === null ? undefined : STATE_OF[oper]) ?? 'unknown'
}

export function summarizeUplinks(states: readonly UplinkState[]): UplinkSummary {
  const inService = states.filter((state) => state !== 'admin_down')
  if (states.length === 0) return 'none'
  if (inService.length === 0) return 'admin_down'
  if (inService.every((state) => state === 'down')) return 'down'
  if (inService.includes('down')) return 'degraded'
  if (inService.includes('unknown')) return 'unknown'
  return inService.length < states.length ? 'admin_down' : 'ok'
}
