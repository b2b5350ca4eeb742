import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { AccountStore } from '../../lib/auth/store.ts'

/** When tokens were used and people signed in, written now and then: a client that asks often costs no writes. */
export type Seen = {
  note(key: string): void
  /** Writes what was noted, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

const WRITE_MS = 10_000
/** Who was seen so lately isn't written again. */
const FRESH_MS = 60_000

export function createSeen({
  store,
  clock,
  log,
}: {
  store: Pick<AccountStore, 'see'>
  clock: Clock
  log: Logger
}): Seen {
  let noted = new Map<string, number>()
  const written = new Map<string, number>()

  async function write(): Promise<void> {
    if (noted.size === 0) return
    const batch = noted
    noted = new Map()
    try {
      await store.see(batch)
    } catch (error) {
      log.debug({ reason: (error as Error).message }, 'when tokens were used is not written')
    }
  }

  return {
    note(key) {
      const now = clock.now()
      if (now - (written.get(key) ?? -Infinity) < FRESH_MS) return
      written.set(key, now)
      noted.set(key, now)
    },
    async run(signal) {
      while (!signal.aborted) {
        await clock.sleepUntil(clock.now() + WRITE_MS, signal).catch(() => {})
        await write()
      }
    },
  }
}
