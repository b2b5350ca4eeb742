import { setTimeout as delay } from 'node:timers/promises'
import { isAbort } from '../../lib/clock.ts'
import type { Leader, Lease } from '../../lib/lease.ts'
import type { Logger } from '../../lib/log.ts'
import type { Gate } from './gate.ts'
import type { Former } from './instance.ts'
import {
  type Role,
  type Sight,
  afterAnswer,
  afterFailure,
  afterLook,
  claimOf,
  mayAct,
  over,
  restMs,
  standingBy,
} from './role.ts'

export type LeadershipDeps = {
  readonly lease: Lease
  /** What VictoriaMetrics shows: asked while Redis is away and, now and then, while this instance stands by. */
  readonly look: () => Promise<Sight>
  /** Who this process is, to others. */
  readonly me: { readonly holder: string; readonly instance: string; readonly url: string }
  /** Processes of before that are no more. */
  readonly former: readonly Former[]
  readonly silentMs: number
  /** A token from which on all are new. */
  readonly highest: number
  readonly elapsed: () => number
  readonly now: () => number
  readonly log: Logger
}

/** One time of leading. */
export type Term = {
  readonly gate: Gate
  /** Whether it goes on as far as is known, without asking. */
  readonly goesOn: () => boolean
  /** Ends the term: something says that another one has begun. */
  readonly refused: (why: string) => void
}

export type Leadership = {
  /** What is known without asking. `leader` is null while this one leads, or nobody does. */
  current(): {
    readonly role: 'leader' | 'standby'
    readonly token: number | null
    readonly leader: Leader | null
    readonly isAlone: boolean
    /** How long nobody led, as far as is known. */
    readonly vacantMs: number
  }
  /**
   * Stands by until it leads, calls `reign` for each term, and begins anew, until the signal aborts. A term's signal is
   * aborted when it is over or the process ends; in the second case the lease is given back once `reign` resolved.
   */
  run(reign: (term: Term, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void>
}

/** An instance that stands by sees this often whether the leader evaluates. */
const WATCH_MS = 4_000
/** A Redis or a VictoriaMetrics that takes longer than this for an answer is away. */
const REDIS_MS = 1_000
const VICTORIAMETRICS_MS = 2_000

export function createLeadership({
  lease,
  look,
  me,
  former,
  silentMs,
  highest,
  elapsed,
  now,
  log,
}: LeadershipDeps): Leadership {
  const terms = {
    instance: me.instance,
    silentMs,
    formerTokens: new Set(former.flatMap(({ token }) => token ?? [])),
  }
  const formerHolders = former.map(({ holder }) => holder)
  let role: Role = { ...standingBy, highest }
  let since = now()
  let asking: Promise<void> | undefined
  let ending: { readonly token: number; readonly ends: AbortController } | undefined
  let ledAt = elapsed()
  let lookedAt = -Infinity
  let why = ''

  /** Asks who leads; calls that come meanwhile share the answer. */
  function ask(): Promise<void> {
    asking ??= askOnce().finally(() => (asking = undefined))
    return asking
  }

  async function askOnce(): Promise<void> {
    const sentAt = elapsed()
    if (role.token === null) since = now()
    const claim = {
      me: { instance: me.holder, url: me.url, since },
      former: formerHolders,
      ...claimOf(role, terms, sentAt),
    }
    try {
      const answer = await within(REDIS_MS, lease.claim(claim))
      if (!answer.granted) why = `${answer.leader?.instance ?? 'another instance'} has the lease`
      become(afterAnswer(role, answer, sentAt, elapsed()))
      const isTime = role.leader !== null && sentAt - lookedAt >= WATCH_MS
      // Nor when the lease is about to run out: it must be taken then.
      if (isTime && role.respectUntil - sentAt > VICTORIAMETRICS_MS) await askVictoriaMetrics()
    } catch {
      // An answer may be under way for which nobody waits: the next one knows.
      become(afterFailure(role))
      await askVictoriaMetrics()
    }
  }

  async function askVictoriaMetrics(): Promise<void> {
    const sentAt = (lookedAt = elapsed())
    const sight = await within(VICTORIAMETRICS_MS, look()).catch(() => null)
    if (role.isAway) why = 'Redis is away, and another instance writes with a higher token'
    become(afterLook(role, sight, terms, sentAt, elapsed()))
  }

  function become(next: Role): void {
    const wasAway = role.isAway
    role = next
    if (role.token !== null || role.leader !== null) ledAt = elapsed()
    if (role.token !== null && role.isAway && !wasAway)
      log.warn('Redis is away: this instance goes on leading as long as no other one is seen to')
    if (ending === undefined || role.token === ending.token) return
    if (ending.ends.signal.aborted) return
    log.warn({ token: ending.token, why }, 'this instance leads no more')
    ending.ends.abort(new Error('another instance of alerting leads'))
  }

  const gateOf = (token: number): Gate => ({
    token,
    async pass() {
      while (role.token === token) {
        if (mayAct(role, elapsed())) return true
        await ask()
      }
      return false
    },
  })

  async function lead(
    token: number,
    reign: (term: Term, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const ends = new AbortController()
    ending = { token, ends }
    log.info({ token, instance: me.instance }, 'this instance leads')
    const renewing = new AbortController()
    const renewals = renew(renewing.signal)
    const term = AbortSignal.any([signal, ends.signal])
    try {
      const goesOn = () => role.token === token
      await reign({ gate: gateOf(token), goesOn, refused }, term)
    } catch (error) {
      if (!isAbort(error, term)) throw error
    } finally {
      renewing.abort()
      await renewals
      ending = undefined
      if (role.token !== null) await giveBack(token)
    }
  }

  async function renew(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(restMs(role, elapsed()), undefined, { signal }).catch(() => {})
      if (!signal.aborted && role.token !== null) await ask()
    }
  }

  /** So that another one leads at once. */
  async function giveBack(token: number): Promise<void> {
    await asking
    role = over(role)
    await within(REDIS_MS, lease.release(me.holder, token)).catch(() => {})
  }

  function refused(reason: string): void {
    why = reason
    become(over(role))
  }

  return {
    current() {
      const { token, leader, isAway } = role
      const vacantMs = token === null && leader === null ? elapsed() - ledAt : 0
      return {
        role: token === null ? 'standby' : 'leader',
        token,
        leader,
        isAlone: token !== null && isAway,
        vacantMs,
      }
    },
    async run(reign, signal) {
      let told = false
      while (!signal.aborted) {
        await ask()
        if (signal.aborted) return
        if (role.token !== null) {
          await lead(role.token, reign, signal)
          told = false
          continue
        }
        if (!told) log.info({ leader: role.leader?.url ?? null }, 'this instance stands by')
        told = true
        await delay(restMs(role, elapsed()), undefined, { signal }).catch(() => {})
      }
    },
  }
}

async function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  const stop = new AbortController()
  const late = delay(ms, undefined, { signal: stop.signal, ref: false }).then(() => {
    throw new Error(`no answer within ${ms} ms`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([asked, late])
  } finally {
    stop.abort()
  }
}
