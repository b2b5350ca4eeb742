import { BLIND_MARK_MS, markSample } from '../../lib/blindness.ts'
import { type Clock, isAbort } from '../../lib/clock.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Logger } from '../../lib/log.ts'
import { type Echoes, type FpingRun, runFping } from '../ping/fping.ts'
import { isHere } from './canaries.ts'
import { type Seen, type Verdict, createSight } from './sight.ts'

export type BlindnessDeps = {
  readonly vantage: string
  readonly fping: string
  /** What answers as long as the network does. Asked again now and then: routes change. */
  readonly canaries: () => Promise<readonly string[]>
  /** This machine's own addresses. Devices that are this machine answer whatever is lost, and say nothing of the network. */
  readonly own: () => readonly string[]
  /** Since when the last process of this vantage was blind to its end; null where it wasn't, or nobody knows. */
  readonly left: () => Promise<number | null>
  readonly write: (samples: readonly Sample[]) => void
  /** Told after the mark was handed to `write`. */
  readonly changed: (isBlind: boolean) => void
  /** Called after each turn. */
  readonly success: (at: number) => void
  readonly clock: Clock
  readonly log: Logger
  /** The probe itself: fping unless a test says otherwise. */
  readonly probe?: (run: FpingRun, signal: AbortSignal) => Promise<Map<string, Echoes>>
}

/** Whether this collector sees the network at all, and the marks that say so. */
export type Blindness = {
  isBlind(): boolean
  /** Takes outcomes of a slot, before their samples are written. */
  probed(slotAt: number, outcomes: readonly (Seen & { readonly address: string })[]): void
  /** Forgets devices that are not probed any more. */
  retain(ids: { has(id: string): boolean }): void
  /** Asks the canaries and writes the marks until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

const SLOT_MS = 1_000
const ASK_EVERY_MS = 5_000
const MARK_EVERY_MS = 15_000
const LOOK_EVERY_MS = 60_000
/** With the echoes of a question in doubt, shorter than it takes to confirm an outage. */
const TIMEOUT_MS = 600
/** One lost echo must not make a collector blind. */
const ECHOES = { peace: 1, doubt: 2 } as const

export function createBlindness(deps: BlindnessDeps): Blindness {
  const { vantage, clock, log } = deps
  const sight = createSight()
  const asking = new Set<Promise<void>>()
  /** Set once it runs. */
  let ending: AbortSignal | undefined
  let known: readonly string[] = []
  let own: ReadonlySet<string> = new Set(deps.own())
  let lookedAt = -Infinity
  let askedAt = -Infinity
  let markedAt = -Infinity
  /** When the question was asked that isn't answered yet. */
  let underWayAt: number | null = null
  let isTroubleTold = false

  function mark(at: number): void {
    markedAt = at
    deps.write([markSample({ vantage, at, since: sight.blindSince })])
  }

  function obey(verdict: Verdict | null): void {
    if (verdict === null) return
    const { is, at } = verdict
    if (is === 'doubt') return askAtOnce(at)
    const now = clock.now()
    if (is === 'blind') {
      mark(at)
      mark(Math.max(at, slotOf(now)))
      log.error(
        { since: new Date(at).toISOString(), canaries: sight.canaries(at) },
        'this collector has lost its network: no canary answers, and most devices fell silent',
      )
    } else {
      // Outcomes come in a little after their slot: a mark of after it may say already that it was blind.
      mark(Math.max(at, Math.min(markedAt + 1, now)))
      // Where devices showed it, it isn't known yet which canaries are back.
      askedAt = -Infinity
      log.warn({ at: new Date(at).toISOString() }, 'this collector sees its network again')
    }
    deps.changed(is === 'blind')
  }

  /** One question settles a doubt, however many outcomes raise it meanwhile. */
  function askAtOnce(since: number): void {
    if (underWayAt === null || underWayAt < since) void ask(ECHOES.doubt)
  }

  function ask(count: number): Promise<void> {
    const own = question(count).finally(() => asking.delete(own))
    asking.add(own)
    return own
  }

  async function question(count: number): Promise<void> {
    if (ending === undefined) return
    const at = clock.now()
    askedAt = at
    const addresses = [...new Set([...known, ...sight.canaries(sight.blindSince ?? at)])]
    if (addresses.length === 0) return
    underWayAt = at
    try {
      const run = { fping: deps.fping, count, timeoutMs: TIMEOUT_MS, addresses }
      const echoes = await (deps.probe ?? runFping)(run, ending)
      isTroubleTold = false
      const answered = addresses.filter((address) => isAnswered(echoes.get(address)))
      obey(sight.heard(at, answered))
    } catch (error) {
      // Nothing is known of them: asked again in the next slot.
      askedAt = -Infinity
      if (isAbort(error, ending) || isTroubleTold) return
      isTroubleTold = true
      log.warn({ reason: (error as Error).message }, 'canaries of the network not asked')
    } finally {
      if (underWayAt === at) underWayAt = null
    }
  }

  async function takeSlot(at: number): Promise<void> {
    if (isDue(lookedAt, LOOK_EVERY_MS, at)) await look(at)
    const wasBlind = sight.blindSince !== null
    if (wasBlind || isDue(slotOf(askedAt), ASK_EVERY_MS, at))
      await ask(wasBlind ? ECHOES.doubt : ECHOES.peace)
    const everyMs = sight.blindSince === null ? MARK_EVERY_MS : BLIND_MARK_MS
    if (isDue(slotOf(markedAt), everyMs, at)) mark(at)
  }

  async function look(at: number): Promise<void> {
    known = await deps.canaries()
    own = new Set(deps.own())
    lookedAt = at
  }

  return {
    isBlind: () => sight.blindSince !== null,
    probed(slotAt, outcomes) {
      const elsewhere = outcomes.filter(({ address }) => !isHere(address, own))
      obey(sight.probed(slotAt, elsewhere))
    },
    retain: (ids) => sight.retain(ids),
    async run(signal) {
      ending = signal
      try {
        await look(slotOf(clock.now()))
        const left = await deps.left()
        // Without a canary nothing could end it but most of the devices.
        if (left !== null && known.length > 0) {
          sight.resume(left)
          deps.changed(true)
        }
        await ask(ECHOES.peace)
        log.info(
          { canaries: known, answering: sight.canaries(clock.now()) },
          'canaries of the network',
        )
        mark(slotOf(clock.now()))
        for (let at = nextSlot(clock.now()); !signal.aborted; at = nextSlot(clock.now())) {
          await clock.sleepUntil(at, signal)
          await takeSlot(at)
          deps.success(at)
        }
      } catch (error) {
        if (!isAbort(error, signal)) throw error
      } finally {
        await Promise.allSettled(asking)
      }
    },
  }
}

const isAnswered = (echoes: Echoes | undefined): boolean =>
  echoes?.some((echo) => echo !== null) ?? false

/** Also when the clock was set back. */
const isDue = (last: number, everyMs: number, at: number): boolean => Math.abs(at - last) >= everyMs
const slotOf = (at: number): number => Math.floor(at / SLOT_MS) * SLOT_MS
const nextSlot = (at: number): number => slotOf(at) + SLOT_MS
