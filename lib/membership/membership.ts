import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Redis } from '../redis.ts'
import { StartError } from '../start-error.ts'
import { activeAt, areSame, firstLapseAt, nextShareAt, withMissing } from './members.ts'
import { type Answer, type BeatTiming, type Member, sendBeat, sendLeave } from './script.ts'

/**
 * The collectors of one site, as each of them knows them: a lease in Redis for each. While Redis can't be asked all goes on
 * as it was last known; who never could ask takes itself for the only one.
 */
export type Membership = AsyncDisposable & {
  /** Those who share the devices now, in one order for all; without oneself while one's own share hasn't begun. */
  readonly names: readonly string[]
  /** Why Redis can't be asked; null while it can. */
  readonly cutOff: string | null
  /** Since when the names are these. */
  readonly since: number
  /** When the process that had this name and its devices before was last heard of; null where it is long ago. */
  readonly predecessorAt: number | null
  /** When somebody was last heard of, also one who is gone. */
  lastHeardOf(name: string): number
  /**
   * Until when the share is one's own, if nothing is heard until then. In the past for a process that stood still: others
   * have its devices by now.
   */
  heldUntil(): number
  /** Asks now: somebody came or went. */
  look(): void
  onChange(listener: () => void): () => void
  /** Keeps the lease until the signal aborts. Rejects with StartError when another collector of this name runs. */
  run(signal: AbortSignal): Promise<void>
}

export type MembershipTiming = BeatTiming & {
  readonly beatMs: number
  /** After Redis lost what it knew, those who haven't come back to it count for so long. */
  readonly graceMs: number
}

export const TIMING: MembershipTiming = {
  beatMs: 2_000,
  ttlMs: 10_000,
  leadMs: 4_000,
  silentMs: 3_500,
  graceMs: 5_000,
}

/** Names that were not heard of for so long are forgotten. */
const REMEMBERED_MS = 600_000
const LEAST_WAIT_MS = 20
/** A Redis that doesn't answer holds up no end: the lease ends by itself. */
const LEAVE_MS = 500

/** Joins; resolves once Redis answered, or it is clear that it doesn't. Times are of this machine's clock. */
export async function openMembership({
  redis,
  name,
  site,
  clock,
  log,
  beaten = () => {},
  timing = TIMING,
  monotonic = () => performance.now(),
}: {
  redis: Redis
  name: string
  site: string
  clock: Clock
  log: Logger
  /** Told after each answer. */
  beaten?: (at: number) => void
  timing?: MembershipTiming
  /** Milliseconds on a scale that nobody sets. */
  monotonic?: () => number
}): Promise<Membership> {
  const token = randomUUID()
  const host = hostname()
  const listeners = new Set<() => void>()
  const heard = new Map<string, number>()
  let members: readonly Member[] = []
  let names: readonly string[] = [name]
  let since = clock.now()
  /** The clock of Redis less the monotonic one; null before its first answer. */
  let redisAhead: number | null = null
  /** On the monotonic scale, which stands still while the machine sleeps, and on the clock, which may be set. */
  let leaseEnds = { monotonic: -Infinity, clock: -Infinity }
  let predecessorAt: number | null = null
  let cutOff: string | null = null
  /** Those that were known when Redis lost them, and until when they count. */
  let missing: { readonly members: readonly Member[]; readonly until: number } | null = null
  /** Who holds this name, as it was first seen. */
  let challenged: Answer['holder'] | null = null
  let switching: NodeJS.Timeout | undefined
  let looking = new AbortController()

  const heldUntil = (): number =>
    cutOff !== null
      ? Infinity
      : Math.min(leaseEnds.clock, clock.now() + leaseEnds.monotonic - monotonic())

  async function beat(): Promise<void> {
    const sentAt = { monotonic: monotonic(), clock: clock.now() }
    const goesOn = clock.now() < heldUntil() && names.includes(name)
    try {
      const answer = await sendBeat(redis, { name, site, token, host, goesOn }, timing)
      take(answer, sentAt)
    } catch (error) {
      if (error instanceof StartError) throw error
      if (cutOff === null) tellCutOff(error as Error)
      cutOff = (error as Error).message
      settle()
    }
  }

  function take(answer: Answer, sentAt: typeof leaseEnds): void {
    const receivedAt = monotonic()
    if (answer.is === 'held') challenge(answer.holder)
    else challenged = null
    // From before the question: what is left of a lease must never be thought to be more than it is.
    const lastsMs = answer.is === 'held' ? timing.silentMs : timing.ttlMs
    leaseEnds = { monotonic: sentAt.monotonic + lastsMs, clock: sentAt.clock + lastsMs }
    // Later on nobody but this process had the name.
    if (redisAhead === null && answer.predecessorAt !== null)
      predecessorAt = clock.now() - Math.max(0, answer.now - answer.predecessorAt)
    redisAhead = answer.now - (sentAt.monotonic + receivedAt) / 2
    if (answer.is === 'again' && members.length > 0)
      missing = { members, until: receivedAt + timing.graceMs }
    if (missing !== null && receivedAt >= missing.until) missing = null
    members = withMissing(answer.members, missing?.members ?? [])
    hear(answer)
    if (cutOff !== null) log.info('Redis tells again which collectors there are')
    cutOff = null
    beaten(clock.now())
    settle()
  }

  /** A process that ended without a word is silent; one that is heard of once more is another collector. */
  function challenge(holder: Answer['holder']): void {
    if (challenged !== null && challenged.beats !== holder.beats) throw nameTaken(name, holder)
    challenged ??= holder
  }

  function hear({ now, members: present }: Answer): void {
    const at = clock.now()
    for (const { name: each, beatAt } of present) heard.set(each, at - Math.max(0, now - beatAt))
    for (const [each, heardAt] of heard) if (at - heardAt > REMEMBERED_MS) heard.delete(each)
  }

  /** Takes the names as they are now, and does so again when the next one's share begins. */
  function settle(): void {
    clearTimeout(switching)
    if (redisAhead === null) return
    const at = monotonic() + redisAhead
    const next = activeAt(members, at)
    const waitMs = nextShareAt(members, at) - at
    if (waitMs !== Infinity) switching = setTimeout(settle, Math.ceil(waitMs)).unref()
    if (areSame(next, names)) return
    log.info({ site, collectors: next, before: names }, 'the collectors of this site changed')
    const own = members.find((member) => member.name === name)
    const isOwnNew = next.includes(name) && !names.includes(name)
    names = next
    since = clock.now() - (isOwnNew ? at - (own?.from ?? at) : 0)
    for (const listener of listeners) listener()
  }

  function tellCutOff(error: Error): void {
    log.warn(
      { reason: error.message, site },
      redisAhead !== null
        ? 'Redis is away: this collector keeps the devices that it has'
        : 'Redis is away: this collector probes every device, as it can not be known who else does',
    )
  }

  function waitMs(): number {
    // Until the holder is heard of, or its silence is long enough.
    if (challenged !== null) return timing.beatMs / 2
    const lapsesIn = firstLapseAt(members, name) - (monotonic() + (redisAhead ?? 0))
    // One that was known before counts until it is given up.
    return Math.min(timing.beatMs, lapsesIn > 0 ? lapsesIn + LEAST_WAIT_MS : timing.beatMs)
  }

  await beat()
  return {
    get names() {
      return names
    },
    get cutOff() {
      return cutOff
    },
    get since() {
      return since
    },
    get predecessorAt() {
      return predecessorAt
    },
    lastHeardOf: (each) => heard.get(each) ?? since,
    heldUntil,
    look: () => looking.abort(),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async run(signal) {
      while (!signal.aborted) {
        const soon = AbortSignal.any([signal, looking.signal])
        await clock.sleepUntil(clock.now() + waitMs(), soon).catch(() => {})
        looking = new AbortController()
        if (!signal.aborted) await beat()
      }
    },
    async [Symbol.asyncDispose]() {
      clearTimeout(switching)
      const leaving = sendLeave(redis, { name, site, token, host, goesOn: false }, timing)
      await Promise.race([leaving.catch(() => {}), delay(LEAVE_MS, null, { ref: false })])
    },
  }
}

const nameTaken = (name: string, { host, site }: Answer['holder']): StartError =>
  new StartError(
    `collector.name: another collector of the name ${JSON.stringify(name)} runs, on host ${host}` +
      `${site === '' ? '' : `, site ${JSON.stringify(site)}`}: give each a name of its own, ` +
      'or leave it out where host names differ',
  )
