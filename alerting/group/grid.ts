import type { RuleGroup } from '../rule.ts'
import { groupId } from '../rule-id.ts'

/** One turn of a group. Unix milliseconds. */
export type Turn = {
  /** When it is taken. */
  readonly dueAt: number
  /** The instant that is evaluated; null: the moment at which it is taken. */
  readonly at: number | null
}

/** Groups of one interval don't all begin in the same millisecond, and what was probed at the instant has arrived. */
const SPREAD = { mostMs: 1_000, share: 0.1 }

/**
 * The first turn of the group's grid past `now`. Groups that wardline brings evaluate the moment at which they get to it;
 * those of files an instant on the grid, as vmalert does: the same whoever evaluates it, and whenever.
 */
export function turnAfter(group: RuleGroup, now: number): Turn {
  const { intervalMs, evalOffsetMs, evalDelayMs = 0, evalAlignment } = group
  const slotMs = modulo(evalOffsetMs ?? 0, intervalMs)
  const slot = floor(now - slotMs, intervalMs) + intervalMs + slotMs
  const isGiven = evalOffsetMs !== undefined || evalAlignment !== undefined
  if (group.file === '' && !isGiven) return { dueAt: slot, at: null }
  const dueAt = slot + spreadMs(group)
  if (evalOffsetMs !== undefined) return { dueAt, at: slot }
  if (evalAlignment === false) return { dueAt, at: dueAt - evalDelayMs }
  return { dueAt, at: floor(slot - evalDelayMs, intervalMs) }
}

/** The turn to begin with: the current one, unless it was taken already or has to be at its own offset. */
export function firstTurn(group: RuleGroup, now: number, evaluatedAt = -Infinity): Turn {
  const current = turnAfter(group, now - group.intervalMs)
  if (current.at === null) return { dueAt: now, at: null }
  const isTaken = current.at <= evaluatedAt
  return isTaken || group.evalOffsetMs !== undefined ? turnAfter(group, now) : current
}

/** A clock is put right by less than this all the time. */
const SET_BACK_MS = 1_000

/**
 * False for the turn of an instant before one that was evaluated, as there are some after a group got another interval or
 * delay: what began since would seem to be over. And for one in the future, because the clock was set back: it would see
 * nothing at all.
 */
export function isToBeTaken({ at }: Turn, now: number, evaluatedAt = -Infinity): boolean {
  if (at === null) return true
  const wasSetBack = evaluatedAt > now
  return at <= now + SET_BACK_MS && (at > evaluatedAt || wasSetBack)
}

/** How many turns lie between two of them. */
export const turnsBetween = ({ intervalMs }: RuleGroup, one: Turn, other: Turn): number =>
  Math.max(0, Math.floor((other.dueAt - one.dueAt) / intervalMs) - 1)

const floor = (at: number, step: number): number => Math.floor(at / step) * step
const modulo = (value: number, size: number): number => ((value % size) + size) % size

function spreadMs(group: RuleGroup): number {
  const most = Math.min(SPREAD.mostMs, group.intervalMs * SPREAD.share)
  return Math.floor((Number(BigInt(groupId(group)) % 1_000n) / 1_000) * most)
}
