import type { DeviceState } from '../../lib/status.ts'
import { type Machine, answered, confirmed, failed } from './machine.ts'

/** One probe's outcome, and from where it was probed. */
export type SiteSample = {
  readonly at: number
  readonly up: boolean
  readonly site: string
  readonly vantage: string
}

/** What several sites see of one device. */
export type Joint = {
  readonly machine: Machine
  /** The newest sample of each site. */
  readonly heard: ReadonlyMap<string, { readonly at: number; readonly vantage: string }>
}

/** What a verdict takes. */
export type Jury = {
  readonly confirm: number
  /** A site counts for so long after its newest sample. */
  readonly freshMs: number
  /** Whether a vantage had lost its network. */
  isBlind(vantage: string, at: number): boolean
}

/**
 * One sample further, in the order of their stamps; of one instant what was answered comes first. The samples of all sites
 * are one stream: an answer to any of them ends a run of failed probes. But the run is an outage only once each site
 * has a part in it that looked at the device lately and sees. Two samples of one instant are one failed probe: sites ask
 * in the same second, and two collectors of one site when one takes over from the other.
 */
export function observeJoint(joint: Joint, sample: SiteSample, jury: Jury): Joint {
  const { at, up, site, vantage } = sample
  const { machine } = joint
  const known = joint.heard.get(site)
  const heard =
    known !== undefined && known.at >= at
      ? joint.heard
      : new Map(joint.heard).set(site, { at, vantage })
  if (at <= machine.lastAt) return agreed({ machine, heard }, machine.lastAt, jury)
  if (up) return { machine: answered(machine, at), heard }
  return agreed({ machine: failed(machine, at), heard }, at, jury)
}

/** The same with an outage confirmed where all sites agree by `at`: one that had no part in it may be too old by then. */
export function agreed(joint: Joint, at: number, jury: Jury): Joint {
  const { machine, heard } = joint
  const { failingSince } = machine
  if (failingSince === null || machine.state?.up === false) return joint
  for (const { at: heardAt, vantage } of heard.values()) {
    const counts = at - heardAt <= jury.freshMs && !jury.isBlind(vantage, at)
    if (counts && heardAt < failingSince) return joint
  }
  const next = confirmed(machine, jury.confirm)
  return next === machine ? joint : { machine: next, heard }
}

/**
 * A device whose samples arrive in any order: as of what is read for the last time, and as of all that is known. Each
 * reading begins anew with the former, so that a sample that came late counts where it belongs.
 */
export type Track = { readonly settled: Joint; readonly now: Joint }

/** Up to when samples are read for the last time, and the instant as of which sites are fresh. */
export type Reach = { readonly settledUntil: number; readonly at: number }

/** A device after these samples, in whatever order, and the states that it went through in them. */
export function advanceTrack(
  { settled }: Track,
  samples: readonly SiteSample[],
  { settledUntil, at }: Reach,
  jury: Jury,
): { readonly track: Track; readonly steps: readonly DeviceState[] } {
  const steps: DeviceState[] = []
  let [base, now] = [settled, settled]
  const step = (next: Joint): void => {
    const { state } = next.machine
    if (state !== null && state !== now.machine.state) steps.push(state)
    now = next
  }
  for (const sample of samples.toSorted(byStamp)) {
    step(observeJoint(now, sample, jury))
    if (sample.at <= settledUntil) base = now
  }
  step(agreed(now, Math.max(at, now.machine.lastAt), jury))
  return { track: { settled: base, now }, steps }
}

const byStamp = (one: SiteSample, other: SiteSample): number =>
  one.at - other.at || Number(other.up) - Number(one.up)
