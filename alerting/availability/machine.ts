import type { DeviceState } from '../../lib/status.ts'

/** What is known of one device from its ping samples so far. Instants are Unix milliseconds. */
export type Machine = {
  /** The last confirmed state; null before the first one. */
  readonly state: DeviceState | null
  /** Stamp of the first failed probe since the last success; null while probes succeed. */
  readonly failingSince: number | null
  readonly failures: number
  /** Stamp of the probe that confirmed the outage; null for a device that isn't down. */
  readonly confirmedAt: number | null
  /** Stamp of the newest sample; samples up to it change nothing any more. */
  readonly lastAt: number
}

export const UNSEEN: Machine = {
  state: null,
  failingSince: null,
  failures: 0,
  confirmedAt: null,
  lastAt: -Infinity,
}

/** Failed probes must span this much: two answers lost in the same instant are not an outage. */
const LEAST_SPAN_MS = 2_000

/**
 * One sample further. A device is down once `confirm` probes in a row failed over at least 2 s, and it is down since
 * the first of them; it is up since the first probe that succeeds. A sample that isn't newer than the last is ignored,
 * so reading a sample twice, or again after a restart, is harmless.
 */
export function observe(machine: Machine, up: boolean, at: number, confirm: number): Machine {
  if (at <= machine.lastAt) return machine
  return up ? answered(machine, at) : confirmed(failed(machine, at), confirm)
}

/** A probe that succeeded, newer than the last one. */
export function answered(machine: Machine, at: number): Machine {
  const state = machine.state?.up === true ? machine.state : { up: true, since: at }
  return { state, failingSince: null, failures: 0, confirmedAt: null, lastAt: at }
}

/** A probe that failed, newer than the last one; whether that makes an outage is another question. */
export const failed = (machine: Machine, at: number): Machine => ({
  ...machine,
  failingSince: machine.failingSince ?? at,
  failures: machine.failures + 1,
  lastAt: at,
})

/** The machine with its outage confirmed, where enough probes failed for that. */
export function confirmed(machine: Machine, confirm: number): Machine {
  const { failingSince, failures, lastAt } = machine
  if (failingSince === null || machine.state?.up === false) return machine
  if (failures < confirm || lastAt - failingSince < LEAST_SPAN_MS) return machine
  return { ...machine, state: { up: false, since: failingSince }, confirmedAt: lastAt }
}

/** Failed probes that aren't an outage yet. */
export const isUnconfirmed = ({ failingSince, state }: Machine): boolean =>
  failingSince !== null && state?.up !== false

/** The machine as it was before the failed probes that aren't an outage yet: they are to be looked at again. */
export function beforeFailures(machine: Machine): Machine {
  if (machine.failingSince === null || !isUnconfirmed(machine)) return machine
  return { ...machine, failingSince: null, failures: 0, lastAt: machine.failingSince - 1 }
}

/** The machine of a device whose confirmed state was kept: it takes up where that state began. */
export function resume(state: DeviceState, confirm: number): Machine {
  return {
    state,
    failingSince: state.up ? null : state.since,
    failures: state.up ? 0 : confirm,
    confirmedAt: state.up ? null : state.since,
    lastAt: state.since,
  }
}

/** The machine with nothing in it that is later than `at`: the clock was set back. */
export function notAfter(machine: Machine, at: number): Machine {
  const { state, failingSince, confirmedAt, lastAt } = machine
  return {
    ...machine,
    state: state === null ? null : { ...state, since: Math.min(state.since, at) },
    failingSince: failingSince === null ? null : Math.min(failingSince, at),
    confirmedAt: confirmedAt === null ? null : Math.min(confirmedAt, at),
    lastAt: Math.min(lastAt, at),
  }
}
