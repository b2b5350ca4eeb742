import type { FleetDevice } from '../../lab/fleet.ts'
import type { Samples } from '../../lab/oracle.ts'
import type { Record } from '../../lab/recorder.ts'
import type { TruthEntry } from '../../lab/truth.ts'
import type { Cluster, Fault } from '../fault.ts'

/** What was done and what was seen: all that the judge knows. Instants are Unix milliseconds. */
export type History = Cluster & {
  readonly devices: readonly FleetDevice[]
  readonly intervalMs: number
  /** From here to there it is judged: from when all was known to when all was quiet again. */
  readonly startAt: number
  readonly endAt: number
  readonly truth: readonly TruthEntry[]
  readonly faults: readonly DoneFault[]
  readonly samples: Samples
  /** What the collectors asked, by a witness beside them. */
  readonly probes: readonly Probed[]
  /** What the receiver got, in the order of arrival. */
  readonly records: readonly Record[]
  readonly looks: readonly Look[]
  /** Slots that the collectors say they skipped: how many until when. */
  readonly missed: readonly Missed[]
  readonly memory: readonly Life[]
  /** Services that ended though nobody ended them. */
  readonly deaths: readonly Death[]
  /** What was waited for in vain at the end. */
  readonly inVain: readonly string[]
}

/** A fault as it was. `to` is when what it had hit was there again. */
export type DoneFault = { readonly fault: Fault; readonly from: number; readonly to: number }

/** One run of fping, by the machine's own clock. */
export type Probed = {
  readonly collector: string
  readonly from: number
  readonly to: number
  readonly addresses: readonly string[]
}

/** One answer of the API: what was new in it, and every `up` that rests on an old sample. */
export type Look = {
  /** The instant that it speaks of. */
  readonly at: number
  readonly devices: readonly Shown[]
}

export type Shown = {
  readonly id: string
  readonly status: string
  readonly downSince: number | null
  readonly sampleAgeMs: number | null
}

export type Missed = { readonly from: number; readonly to: number; readonly slots: number }

/** One process from its start to its end, by its resident memory. */
export type Life = {
  readonly component: string
  readonly pid: number
  readonly readings: readonly { readonly at: number; readonly bytes: number }[]
}

export type Death = { readonly component: string; readonly at: number; readonly words: string }

/** Something that must not have been. */
export type Violation = {
  readonly kind: ViolationKind
  readonly at: number
  readonly device?: string
  readonly what: string
}

export const VIOLATION_KINDS = [
  'sample lost',
  'sample wrong',
  'outage wrong',
  'not told',
  'told twice',
  'told falsely',
  'told though hidden',
  'not resolved',
  'resolved twice',
  'down_since wrong',
  'down falsely',
  'up though down',
  'up on stale data',
  'unknown for long',
  'blindness not told',
  'memory grows',
  'ended by itself',
  'not quiet in the end',
] as const
export type ViolationKind = (typeof VIOLATION_KINDS)[number]

/** From `from` to `to`, both included. */
export type Window = { readonly from: number; readonly to: number }

export const contains = (windows: readonly Window[], at: number): boolean =>
  windows.some(({ from, to }) => at >= from && at <= to)

export const overlaps = (windows: readonly Window[], from: number, to: number): boolean =>
  windows.some((window) => window.from <= to && window.to >= from)

/** The longest stretch from `from` to `to` that no window covers. */
export function longestFree(windows: readonly Window[], from: number, to: number): number {
  let longest = 0
  let free = from
  for (const window of windows.toSorted((a, b) => a.from - b.from)) {
    if (window.to < free) continue
    longest = Math.max(longest, Math.min(window.from, to) - free)
    free = window.to
    if (free >= to) return longest
  }
  return Math.max(longest, to - free)
}
