import type { EngineTime } from '../../../../lib/usm/seal.ts'

/** What is known of the boots and the time of an engine that decides about requests (RFC 3414 §2.3). */
export type EngineClock = {
  /** What a request has to say. */
  now(): EngineTime
  /**
   * Of an authentic message: whether it is within the time window (RFC 3414 §3.2, 7b). The clock is set first by one
   * that is ahead of all before: it may go slower than the engine's, and an old message never puts it back.
   */
  isTimely(said: EngineTime): boolean
}

const WINDOW_SECONDS = 150
const MOST = 2 ** 31 - 1

/** `told` is what the engine's id came with, which nobody signed: the first authentic message counts more. */
export function createEngineClock(told: EngineTime): EngineClock {
  let { boots, time } = told
  let latest = -1
  let setAt = performance.now()

  function timeNow(): number {
    return Math.min(MOST, time + Math.floor((performance.now() - setAt) / 1000))
  }

  return {
    now: () => ({ boots, time: timeNow() }),
    isTimely(said) {
      const isFirst = latest === -1
      if (isFirst || said.boots > boots || (said.boots === boots && said.time > latest)) {
        boots = said.boots
        time = said.time
        latest = said.time
        setAt = performance.now()
      }
      // An engine whose boots have come to their end has to get new keys (RFC 3414 §2.2.2).
      if (boots === MOST || said.boots !== boots) return false
      return Math.abs(said.time - timeNow()) <= WINDOW_SECONDS
    },
  }
}
