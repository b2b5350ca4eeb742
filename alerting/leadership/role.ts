import { type Answer, type Claim, LEASE_MS, type Leader } from '../../lib/lease.ts'

/**
 * What one of several alerting instances knows of who leads, and whether it is the one. Instants are milliseconds of
 * the process' own clock, which only ever goes on.
 */
export type Role = {
  /** Of the term that it leads; null: it stands by. */
  readonly token: number | null
  /** Until when it may write and tell without asking anybody. */
  readonly until: number
  /** A lease that Redis doesn't have isn't taken before: it was seen, and may still be held. */
  readonly respectUntil: number
  /** The highest token of anybody. */
  readonly highest: number
  /** Who led when Redis was asked last; null: nobody, or this one. */
  readonly leader: Leader | null
  /** Whether Redis didn't answer when it was asked last. */
  readonly isAway: boolean
  /** What VictoriaMetrics shows of the leader's work. */
  readonly silence: Silence | null
  /** The evaluation after which it took over last: none of later was seen since, and it isn't taken over from twice. */
  readonly tookOverAfter: number | null | undefined
}

/** Since when the stamp of the last evaluation has been the same, as seen without a gap. */
type Silence = {
  readonly stamp: number | null
  readonly since: number
  readonly lookedAt: number
}

/** What VictoriaMetrics shows of who leads. */
export type Sight = {
  /** The newest token that each instance has written; 0: it stands by. */
  readonly tokens: ReadonlyMap<string, number>
  /** The stamp of the newest evaluation; null where there is none. */
  readonly stamp: number | null
}

export type Terms = {
  readonly instance: string
  /** Without Redis a leader is taken for dead when it evaluated nothing for so long. */
  readonly silentMs: number
  /** Tokens of terms whose processes are known to be no more. */
  readonly formerTokens: ReadonlySet<number>
}

/** Clocks don't run alike: the lease ends here before it ends in Redis. */
const MARGIN_MS = 500
/** What VictoriaMetrics showed counts so long. */
export const ALONE_MS = 3_000
/** Two looks that lie further apart say nothing of the time between them. */
const GAP_MS = 8_000

export const standingBy: Role = {
  token: null,
  until: -Infinity,
  respectUntil: -Infinity,
  highest: 0,
  leader: null,
  isAway: false,
  silence: null,
  tookOverAfter: undefined,
}

export const mayAct = ({ token, until }: Role, now: number): boolean =>
  token !== null && now < until

/**
 * What to ask of Redis. After it was away the leader has the first word: its lease ran out while nobody could renew it. One
 * that renews its lease but evaluates nothing, while VictoriaMetrics answers others, loses it.
 */
export const claimOf = (
  role: Role,
  { silentMs }: Pick<Terms, 'silentMs'>,
  now: number,
): Pick<Claim, 'held' | 'highest' | 'ifAbsent' | 'force'> => ({
  held: role.token,
  highest: role.highest,
  ifAbsent: !role.isAway && now >= role.respectUntil,
  force: !role.isAway && role.token === null && isSilent(role, silentMs, now),
})

function isSilent({ silence, tookOverAfter }: Role, silentMs: number, now: number): boolean {
  if (silence === null || now - silence.lookedAt > GAP_MS) return false
  return silence.stamp !== tookOverAfter && silence.lookedAt - silence.since >= silentMs
}

/** `sentAt`: the lease runs from when Redis took the request, which is no earlier. */
export function afterAnswer(role: Role, answer: Answer, sentAt: number, now: number): Role {
  const asked = { ...role, isAway: false }
  if (answer.granted) {
    const until = sentAt + LEASE_MS - MARGIN_MS
    const highest = Math.max(role.highest, answer.token)
    return { ...begun(asked), token: answer.token, until, highest, leader: null }
  }
  const { leader, leftMs, highest } = answer
  const unknownMs = role.isAway ? now + LEASE_MS : role.respectUntil
  return {
    ...asked,
    token: null,
    until: -Infinity,
    respectUntil: leader === null ? unknownMs : now + leftMs,
    highest: Math.max(role.highest, highest),
    leader,
  }
}

/** Redis didn't answer: a lease that is held runs on, and what happens after it VictoriaMetrics has to show. */
export const afterFailure = (role: Role): Role => ({ ...role, isAway: true })

const begun = (role: Role): Role => ({
  ...role,
  silence: null,
  tookOverAfter: role.silence === null ? role.tookOverAfter : role.silence.stamp,
})

/**
 * What VictoriaMetrics showed; null: it is away, too. While Redis is away a leader goes on unless another one has a higher
 * token, and one that stands by leads when the leader's evaluations have been silent for long.
 */
export function afterLook(
  role: Role,
  sight: Sight | null,
  { instance, silentMs, formerTokens }: Terms,
  sentAt: number,
  now: number,
): Role {
  const shown = Math.max(0, ...(sight?.tokens.values() ?? []))
  const highest = Math.max(role.highest, shown)
  if (role.token !== null) {
    if (sight !== null && isBeaten(role.token, instance, sight)) return over({ ...role, highest })
    return { ...role, highest, until: Math.max(role.until, sentAt + ALONE_MS) }
  }
  if (sight === null) return { ...role, silence: null }
  const { stamp } = sight
  const before = role.silence
  const isSame = before !== null && before.stamp === stamp && now - before.lookedAt <= GAP_MS
  const silence = { stamp, since: isSame ? before.since : now, lookedAt: now }
  const watched = { ...role, highest, silence }
  const isDead = formerTokens.has(shown) || isSilent(watched, silentMs, now)
  if (!isDead || !role.isAway) return watched
  return { ...begun(watched), highest: highest + 1, token: highest + 1, until: sentAt + ALONE_MS }
}

const RENEW_MS = 2_000
/** While it stands by, or while Redis is away. */
const LOOK_MS = 1_000
/** Right after a lease has run out. */
const RAN_OUT_MS = 10

/** Until it pays to ask again: a lease that runs out is taken right then. */
export function restMs({ token, isAway, respectUntil }: Role, now: number): number {
  if (token !== null) return isAway ? LOOK_MS : RENEW_MS
  const leftMs = respectUntil - now + RAN_OUT_MS
  return leftMs > 0 ? Math.min(LOOK_MS, leftMs) : LOOK_MS
}

/** The term is over: another one is known to have begun. */
export const over = (role: Role): Role => ({
  ...role,
  token: null,
  until: -Infinity,
  silence: null,
})

/** Of two that took over with the same token while Redis was away, the one whose name comes last goes on. */
const isBeaten = (token: number, instance: string, { tokens }: Sight): boolean =>
  [...tokens].some(
    ([name, other]) => name !== instance && (other > token || (other === token && name > instance)),
  )
