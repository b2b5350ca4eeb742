import type { Clock } from '../../lib/clock.ts'

/** Time that stands still until it is moved. */
export type VirtualClock = Clock & {
  /** Moves on to `at`, waking whoever sleeps until then in between, each at its own instant. */
  moveTo(at: number): Promise<void>
}

type Sleeper = { readonly at: number; readonly wake: () => void }

export function createVirtualClock(startAt: number): VirtualClock {
  const sleepers = new Set<Sleeper>()
  let now = startAt

  function next(): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of sleepers)
      if (first === undefined || sleeper.at < first.at) first = sleeper
    return first
  }

  return {
    now: () => now,
    async sleepUntil(at, signal) {
      signal.throwIfAborted()
      if (at <= now) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const sleeper: Sleeper = { at, wake: resolve }
      const abort = (): void => reject(signal.reason as Error)
      sleepers.add(sleeper)
      signal.addEventListener('abort', abort, { once: true })
      try {
        await promise
      } finally {
        sleepers.delete(sleeper)
        signal.removeEventListener('abort', abort)
      }
    },
    async moveTo(at) {
      for (let sleeper = next(); sleeper !== undefined && sleeper.at <= at; sleeper = next()) {
        now = Math.max(now, sleeper.at)
        sleeper.wake()
        await settled()
      }
      now = Math.max(now, at)
    },
  }
}

/** Once all that waits for nothing but its turn has had it. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))
