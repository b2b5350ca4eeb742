import { setTimeout as delay } from 'node:timers/promises'
import { MOST_SKEW_MS, skewOf } from './clock-skew.ts'
import { type Clock, isAbort, sleepBy } from './clock.ts'
import type { Logger } from './log.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from './victoriametrics.ts'

export type SteadyClockDeps = {
  readonly victoriaMetrics: Pick<VictoriaMetrics, 'date'>
  readonly log: Logger
  /** The machine's clock, that may be set at any moment. */
  readonly wall?: () => number
  /** Milliseconds that pass whatever is set; they need not pass while the machine sleeps. */
  readonly monotonic?: () => number
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<unknown>
}

/** Asked again so soon while VictoriaMetrics tells nothing, and so often while its clock is followed. */
const RETRY_MS = 1_000
const LOOK_EVERY_MS = 15_000
/** Nobody told for so long whether the clock was set rightly: it is believed, until somebody does. */
const UNTOLD_MS = 60_000

/** The clock was set, `since` by the monotonic one. Confirmed: what was before it is right. */
type Doubt = { readonly since: number; isConfirmed: boolean }

/**
 * The machine's clock, as long as nobody sets it wrong. Where it leaps by 2 s or more, VictoriaMetrics' clock decides, which it
 * agreed with before: a leap away from that isn't followed, one to it is. Time goes on as it did until that is known. Where
 * neither agrees, as with a VictoriaMetrics whose own clock is wrong, the machine's is followed. Asks until the signal aborts.
 */
export function createSteadyClock(
  {
    victoriaMetrics,
    log,
    wall = Date.now,
    monotonic = () => performance.now(),
    pause = (ms, ends) => delay(ms, undefined, { signal: ends, ref: false }),
  }: SteadyClockDeps,
  signal: AbortSignal,
): Clock {
  /** From the monotonic clock to the time that is told. */
  let offset = wall() - monotonic()
  let doubt: Doubt | null = null

  function now(): number {
    const at = wall()
    const passed = monotonic()
    if (Math.abs(at - passed - offset) < MOST_SKEW_MS) {
      if (doubt?.isConfirmed) log.warn("this machine's clock is right again")
      doubt = null
      offset = at - passed
      return at
    }
    if (doubt === null) {
      doubt = { since: passed, isConfirmed: false }
      void settle(doubt)
    }
    return isBelieved(doubt, passed) ? at : Math.round(passed + offset)
  }

  const isBelieved = ({ since, isConfirmed }: Doubt, passed: number): boolean =>
    !isConfirmed && passed - since >= UNTOLD_MS

  /** Asks until it is known which of the two clocks is right, and while that is the one that went on. */
  async function settle(own: Doubt): Promise<void> {
    try {
      while (doubt === own && !signal.aborted) {
        const isTold = await look(own)
        if (doubt === own) await pause(isTold ? LOOK_EVERY_MS : RETRY_MS, signal)
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error
    }
  }

  async function look(own: Doubt): Promise<boolean> {
    const asked = { wall: wall(), passed: monotonic() }
    const date = await victoriaMetrics.date(signal).catch((error: unknown) => {
      if (error instanceof VictoriaMetricsError) return null
      throw error
    })
    const answered = { wall: wall(), passed: monotonic() }
    now() // it may have been set right meanwhile
    if (date === null || doubt !== own) return false
    const ofWall = skewOf(asked.wall, date, answered.wall)
    const ofOwn = skewOf(asked.passed + offset, date, answered.passed + offset) ?? 0
    if (ofWall === null) return false
    const [byWall, byOwn] = [Math.abs(ofWall), Math.abs(ofOwn)]
    // An answer that was long under way allows for both.
    if (byWall === byOwn && !own.isConfirmed) return false
    const isWallRight = byWall < byOwn && byWall < MOST_SKEW_MS
    const isNeither = Math.min(byWall, byOwn) >= MOST_SKEW_MS
    if (isWallRight || (isNeither && !own.isConfirmed)) follow(answered)
    else hold(own, ofOwn, ofWall)
    return true
  }

  function follow({ wall: at, passed }: { wall: number; passed: number }): void {
    log.warn(
      { seconds: Math.round((at - passed - offset) / 1000) },
      "this machine's clock was set: it is followed",
    )
    doubt = null
    offset = at - passed
  }

  /** As long as this lasts VictoriaMetrics' is the clock: what runs by itself for days wanders. */
  function hold(own: Doubt, ofOwn: number, ofWall: number): void {
    offset -= ofOwn
    if (own.isConfirmed) return
    own.isConfirmed = true
    log.error(
      { seconds: Math.round(ofWall / 1000) },
      "this machine's clock was set wrong: time goes on as it did before, by VictoriaMetrics' clock; check its time synchronization",
    )
  }

  return { now, sleepUntil: (at, ends) => sleepBy(now, at, ends) }
}
