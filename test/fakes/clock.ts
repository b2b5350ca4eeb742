import type { Clock } from '../../lib/clock.ts'

/** A clock that a test moves: time passes when it says so, and all that this ends has run when it returns. */
export type ManualClock = Clock & {
  /** Lets time pass; sleeps end in their order, each at its own instant. */
  advance(ms: number): Promise<void>
  /** Lets time pass while the process stands still: every sleep that is over by then ends at once, afterwards. */
  freeze(ms: number): Promise<void>
  /** Sets the hands, as a person or NTP does. No time passes: sleeps go on for as long as they had left. */
  set(at: number): void
  readonly sleepers: number
}

type Sleeper = { readonly endsAt: number; readonly end: () => void }

export function manualClock(startAt: number): ManualClock {
  // As on a real machine: sleeps measure what has passed, and the hands can be set beside it.
  let passed = 0
  let offset = startAt
  const sleepers = new Set<Sleeper>()

  async function endOver(): Promise<void> {
    await settle()
    for (let over = firstOver(); over !== undefined; over = firstOver()) {
      sleepers.delete(over)
      over.end()
      await settle()
    }
  }

  const firstOver = (until = passed): Sleeper | undefined =>
    [...sleepers]
      .filter(({ endsAt }) => endsAt <= until)
      .sort((one, other) => one.endsAt - other.endsAt)[0]

  return {
    now: () => passed + offset,
    sleepUntil(at, signal) {
      signal.throwIfAborted()
      const ms = at - (passed + offset)
      if (ms <= 0) return Promise.resolve()
      return new Promise((resolve, reject) => {
        const abort = (): void => {
          sleepers.delete(sleeper)
          reject(signal.reason as Error)
        }
        const sleeper: Sleeper = {
          endsAt: passed + ms,
          end: () => {
            signal.removeEventListener('abort', abort)
            resolve()
          },
        }
        sleepers.add(sleeper)
        signal.addEventListener('abort', abort, { once: true })
      })
    },
    async advance(ms) {
      const until = passed + ms
      await endOver()
      for (let next = firstOver(until); next !== undefined; next = firstOver(until)) {
        passed = Math.max(passed, next.endsAt)
        await endOver()
      }
      passed = until
    },
    async freeze(ms) {
      await settle()
      passed += ms
      await endOver()
    },
    set(at) {
      offset = at - passed
    },
    get sleepers() {
      return sleepers.size
    },
  }
}

/** Lets all that is ready run: each turn of the event loop empties the queue of resolved promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
