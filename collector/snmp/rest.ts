import { MOST_SNMP_REST_MS } from '../../lib/status.ts'

/** Unanswered polls in a row before turns are left out: what is alerted on is decided by then. */
const PATIENT_POLLS = 3

/**
 * Until when a device's turns are left out, in Unix milliseconds, after the poll at `at`, the `silences`th in a row that
 * wasn't answered: then every second turn is taken, every fourth, … so that dead agents don't cost what live ones do.
 */
export function restUntil(at: number, intervalMs: number, silences: number): number {
  if (silences < PATIENT_POLLS) return 0
  const most = Math.max(1, Math.floor(MOST_SNMP_REST_MS / intervalMs))
  const turns = Math.min(most, 2 ** (silences - PATIENT_POLLS + 1))
  // Past the turn before the one that is taken, wherever in the interval this poll was.
  return turns === 1 ? 0 : at + (turns - 1) * intervalMs + 1
}

/** True while its turns are left out. A rest further away than any can be is one of before the clock was set back. */
export function isResting(until: number, slotAt: number, intervalMs: number): boolean {
  return until > slotAt && until - slotAt <= Math.max(MOST_SNMP_REST_MS, intervalMs)
}
