import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Kept, KeptStore } from './kept.ts'
import { type Known, readKnown, writeKnown } from './kept-file.ts'
import { type Repair, type TimeOf, repairOf } from './merge.ts'
import { type Version, isBehind } from './version.ts'

/** What is kept in Redis, read with what Redis lost put back first. */
export type Memory = {
  /** The last that is known, of this process or the one before; null: nothing yet. */
  readonly known: Known | null
  /** What is in Redis now. Rejects as the connection does. */
  read(): Promise<Kept>
  /** As `store.version`, and what is known is in force while that is the same. */
  version(): Promise<Version>
}

const TRIES = 5

export async function openMemory({
  what,
  store,
  timeOf,
  file,
  known: first,
  repairOver = repairOf,
  clock,
  log,
}: {
  /** In the plural, for the log. */
  what: string
  store: KeptStore
  timeOf: TimeOf
  /** A copy for the next start; null: none is written. */
  file: string | null
  /** What the process before this one knew; left out: what `file` has. */
  known?: Known | null
  repairOver?: typeof repairOf
  clock: Pick<Clock, 'now'>
  log: Logger
}): Promise<Memory> {
  let known = first === undefined && file !== null ? await readKnown(file) : (first ?? null)
  let written = known === null ? '' : textOf(known)
  let tellsOfFile = true

  async function remember(found: Kept, at: number): Promise<void> {
    known = { ...found, at }
    if (file === null || found.version === null) return
    const text = textOf(found)
    if (text === written) return
    try {
      await writeKnown(file, known)
      written = text
    } catch (error) {
      if (tellsOfFile)
        log.warn(
          { reason: (error as Error).message },
          `no copy of the ${what} in data_dir: a start without Redis will not know them`,
        )
      tellsOfFile = false
    }
  }

  async function repair(before: Known, found: Kept): Promise<boolean> {
    const plan: Repair = repairOver(before, found.hashes, timeOf)
    if (!(await store.repair(found.version, before.version, plan, clock.now()))) return false
    const { putBack, removed } = plan
    log.warn(
      { putBack, removed, lost: before.version, found: found.version },
      `Redis has lost changes of the ${what}: they are put back as they were last known`,
    )
    return true
  }

  return {
    get known() {
      return known
    },
    async read() {
      for (let tries = 0; tries < TRIES; tries++) {
        // Before it is asked: what is decided while the answer is on its way was not known by then.
        const at = clock.now()
        const found = await store.read()
        if (known === null || !isBehind(known.version, found.version)) {
          await remember(found, at)
          return found
        }
        await repair(known, found) // when others were first, what they left is looked at again
      }
      throw new Error(`others change the ${what} all the time`)
    },
    async version() {
      const at = clock.now()
      const version = await store.version()
      if (known !== null && known.version === version) known = { ...known, at }
      return version
    },
  }
}

const textOf = ({ version, hashes }: Kept): string => JSON.stringify([version, hashes])
