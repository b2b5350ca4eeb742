import {
  ALONE_MS,
  type Role,
  afterAnswer,
  afterFailure,
  afterLook,
  claimOf,
  mayAct,
  over,
  restMs,
  standingBy,
} from '../../../../alerting/leadership/role.ts'
import type { Random } from '../../../../lab/random.ts'
import { type Answer, type Claim, LEASE_MS } from '../../../../lib/lease.ts'
import { createLeaseModel } from '../../lib/lease-model.ts'

/** What goes wrong, from `at` on for `ms`. */
export type Fault = {
  readonly at: number
  readonly ms: number
  readonly what: 'freeze' | 'redis' | 'victoriametrics' | 'lose answers' | 'kill' | 'end' | 'forget'
  readonly who: number
}

type Holder = {
  readonly name: string
  readonly rate: number
  role: Role
  process: number
  /** The event that is under way in it; of a process that is no more nothing comes. */
  busy: boolean
  formerTokens: Set<number>
}

type Event = { readonly at: number; readonly run: () => void }

export const SILENT_MS = 30_000
const REDIS_MS = 1_000
const VICTORIAMETRICS_MS = 2_000
const STEP_MS = 50

/**
 * Two or three instances, Redis and VictoriaMetrics in a time of their own: requests and answers take what they take, or
 * get lost, processes stand still, die and come again, and their clocks don't run alike.
 */
export function createWorld(
  count: number,
  faults: readonly Fault[],
  random: Random,
  { slowMs = 900 }: { slowMs?: number } = {},
) {
  const redis = createLeaseModel()
  let now = 0
  let events: Event[] = []
  const tokens = new Map<string, number>()
  const markedAt = new Map<string, number>()
  let stamp: number | null = null
  /** When a lease was taken from one that held it last. */
  let forcedAt = -Infinity
  const granted: number[] = []
  const terms: { readonly name: string; readonly token: number; readonly at: number }[] = []
  const problems: string[] = []
  const holders: Holder[] = Array.from({ length: count }, (_, index) => ({
    name: `h${index}`,
    rate: random.integer(97, 103) / 100,
    role: standingBy,
    process: 0,
    busy: false,
    formerTokens: new Set(),
  }))

  const isOn = (what: Fault['what'], who: number, at = now): boolean =>
    faults.some(
      (fault) =>
        fault.what === what && fault.who === who && at >= fault.at && at < fault.at + fault.ms,
    )
  const clockOf = ({ rate }: Holder): number => now * rate
  const indexOf = (holder: Holder): number => holders.indexOf(holder)
  const isFrozen = (holder: Holder): boolean => isOn('freeze', indexOf(holder))

  /** Runs in the process after `ms`, or when it goes on; never in another one. */
  function later(holder: Holder, ms: number, run: () => void): void {
    const { process } = holder
    const attempt = (): void => {
      if (holder.process !== process) return
      if (isFrozen(holder)) return void events.push({ at: now + STEP_MS, run: attempt })
      run()
    }
    events.push({ at: now + ms, run: attempt })
  }

  const delay = (): number =>
    random.integer(0, 9) === 0 ? random.integer(0, slowMs) : random.integer(0, 30)

  /** A request to a store and back; `null` when there is no answer in time. */
  function exchange<T>(
    holder: Holder,
    store: 'redis' | 'victoriametrics',
    timeoutMs: number,
    take: () => T,
    done: (answer: T | null) => void,
  ): void {
    const [there, back] = [delay(), delay()]
    let answer: T | null = null
    events.push({
      at: now + there,
      run() {
        if (!isOn(store, indexOf(holder))) answer = take()
      },
    })
    const isLost = isOn(store, indexOf(holder)) || isOn('lose answers', indexOf(holder))
    const inTime = there + back <= timeoutMs && !isLost
    later(holder, inTime ? there + back : timeoutMs, () => done(inTime ? answer : null))
  }

  function become(holder: Holder, role: Role): void {
    const before = holder.role.token
    holder.role = role
    const { token } = role
    if (token === null || token === before) return
    terms.push({ name: holder.name, token, at: now })
    mark(holder)
  }

  function mark(holder: Holder): void {
    if (isOn('victoriametrics', indexOf(holder))) return
    const token = holder.role.token ?? 0
    if (tokens.get(holder.name) !== token) markedAt.set(holder.name, now)
    tokens.set(holder.name, token)
  }

  function ask(holder: Holder): void {
    if (holder.busy) return
    holder.busy = true
    const sentAt = clockOf(holder)
    const instance = `${holder.name}/${holder.process}`
    const former = Array.from({ length: holder.process }, (_, index) => `${holder.name}/${index}`)
    const claim = {
      me: { instance, url: '', since: 0 },
      former,
      ...claimOf(holder.role, { silentMs: SILENT_MS }, sentAt),
    }
    exchange(
      holder,
      'redis',
      REDIS_MS,
      () => claimed(holder, claim),
      (answer) => {
        if (answer === null) {
          become(holder, afterFailure(holder.role))
          return look(holder)
        }
        become(holder, afterAnswer(holder.role, answer, sentAt, clockOf(holder)))
        if (claim.force && answer.granted) forcedAt = now
        if (holder.role.leader !== null && random.chance(0.25)) return look(holder)
        rest(holder)
      },
    )
  }

  function claimed(holder: Holder, claim: Claim): Answer {
    const answer = redis.claim(claim, now)
    if (!answer.granted || answer.token === claim.held) return answer
    const most = Math.max(0, ...granted)
    if (answer.token <= most) problems.push(`${holder.name} got ${answer.token} after ${most}`)
    granted.push(answer.token)
    return answer
  }

  function look(holder: Holder): void {
    const sentAt = clockOf(holder)
    exchange(
      holder,
      'victoriametrics',
      VICTORIAMETRICS_MS,
      () => ({ tokens: new Map(tokens), stamp }),
      (sight) => {
        const own = {
          instance: holder.name,
          silentMs: SILENT_MS,
          formerTokens: holder.formerTokens,
        }
        become(holder, afterLook(holder.role, sight, own, sentAt, clockOf(holder)))
        rest(holder)
      },
    )
  }

  function rest(holder: Holder): void {
    holder.busy = false
    later(holder, restMs(holder.role, clockOf(holder)), () => ask(holder))
  }

  function begin(holder: Holder): void {
    holder.role = { ...standingBy, highest: Math.max(0, ...tokens.values(), ...granted) }
    holder.busy = false
    later(holder, random.integer(0, 500), () => ask(holder))
  }

  const acting = (): Holder[] =>
    holders.filter((holder) => !isFrozen(holder) && mayAct(holder.role, clockOf(holder)))

  /** One instant: who may act acts, and what holds then is looked at. */
  function check(): void {
    for (const holder of holders) {
      if (isFrozen(holder)) continue
      if (Math.floor(now / 5_000) !== Math.floor((now - STEP_MS) / 5_000)) mark(holder)
      if (holder.role.token !== null && !mayAct(holder.role, clockOf(holder))) ask(holder)
    }
    const able = acting()
    for (const holder of able)
      if (!isOn('victoriametrics', indexOf(holder))) stamp = Math.floor(now / 2_000)
    for (const one of able)
      for (const other of able) {
        const [a, b] = [one.role.token ?? 0, other.role.token ?? 0]
        if (one === other || a > b) continue
        // Both: one of them was cut off from Redis, and can't have seen the other yet.
        const isAlone = one.role.isAway || other.role.isAway
        const saidAt = tokens.get(other.name) === b ? (markedAt.get(other.name) ?? now) : now
        const sees = !wasCutOff(one, saidAt)
        const isLate = now - saidAt > (ALONE_MS + VICTORIAMETRICS_MS) * 1.04 + STEP_MS
        const isTaken = now - forcedAt <= LEASE_MS
        if (!isAlone && !isTaken && a !== b)
          problems.push(`at ${now} ${one.name} (${a}) and ${other.name} (${b})`)
        if (isAlone && sees && isLate && a !== b)
          problems.push(`at ${now} ${one.name} (${a}) goes on beside ${other.name} (${b})`)
      }
  }

  /** Whether it could see nothing of VictoriaMetrics for a while since. */
  const wasCutOff = (holder: Holder, since: number): boolean =>
    faults.some(
      ({ what, who, at, ms }) =>
        (what === 'victoriametrics' || what === 'lose answers' || what === 'freeze') &&
        who === indexOf(holder) &&
        at <= now &&
        at + ms > since - VICTORIAMETRICS_MS,
    )

  function apply({ what, who, at }: Fault): void {
    const holder = holders[who]
    if (at !== now || holder === undefined) return
    if (what === 'forget') redis.forget()
    if (what === 'end' && !isFrozen(holder)) {
      const { token } = holder.role
      if (token !== null) redis.release(`${holder.name}/${holder.process}`, token, now)
      holder.role = over(holder.role)
    }
    if (what === 'kill' || what === 'end') {
      const { token } = holder.role
      if (token !== null) holder.formerTokens = new Set([token])
      holder.process++
      begin(holder)
    }
  }

  for (const holder of holders) begin(holder)
  return {
    holders,
    terms,
    problems,
    acting: () => acting().map(({ name }) => name),
    run(until: number): void {
      for (; now < until; now += STEP_MS) {
        for (const fault of faults) apply(fault)
        for (;;) {
          const due = events.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)
          if (due.length === 0) break
          events = events.filter(({ at }) => at > now)
          for (const { run } of due) run()
        }
        check()
      }
    },
  }
}
