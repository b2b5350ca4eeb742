import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Redis } from '../redis.ts'
import type { Kept } from '../redis/kept.ts'
import { type Known, readKnown, writeKnown } from '../redis/kept-file.ts'
import { type Memory, openMemory } from '../redis/memory.ts'
import { isBehind } from '../redis/version.ts'
import { createdAt, digestsOf, distrust, repairAccounts, signedOut } from './lost-accounts.ts'
import { keptAccounts } from './store.ts'

export type AccountMemory = Pick<Memory, 'read' | 'version'> & {
  /** Everybody signs in again. Rejects as the connection does. */
  endSessions(): Promise<void>
}

/** Users and tokens read with what Redis lost put back from memory, or, after a restart, with what it brought back distrusted. */
export async function openAccountMemory({
  redis,
  dataDir,
  clock,
  log,
}: {
  redis: Redis
  dataDir: string | null
  clock: Pick<Clock, 'now'>
  log: Logger
}): Promise<AccountMemory> {
  const file = dataDir === null ? null : join(dataDir, 'account-digests.json')
  const store = keptAccounts(redis)
  const memory = await openMemory({
    what: 'users and tokens',
    store,
    timeOf: (_kind, text) => createdAt(text),
    file: null,
    repairOver: repairAccounts,
    clock,
    log,
  })
  /** Of the process before this one; once Redis was read, memory knows better. */
  let former: Known | null = file === null ? null : await readKnown(file)
  let written = former?.version ?? null

  async function read(): Promise<Kept> {
    if (former !== null) await compare(former)
    former = null
    const kept = await memory.read()
    await note(kept)
    return kept
  }

  async function compare(before: Known): Promise<void> {
    for (;;) {
      const found = await store.read()
      if (!isBehind(before.version, found.version)) return
      const plan = distrust(before, found.hashes)
      if (!(await store.repair(found.version, before.version, plan, clock.now()))) continue
      const lost = { lost: before.version, found: found.version }
      if (found.version === null)
        log.error(lost, 'Redis has lost all users and tokens: the first admin is made anew')
      else
        log.error(
          { ...lost, takenAway: plan.removed },
          'Redis has older users and tokens than were known here: those that changed since are disabled or taken away, all sign in again',
        )
      return
    }
  }

  /** Digests alone: nobody is let in by a file, and none has to be guarded as passwords are. */
  async function note({ version, hashes }: Kept): Promise<void> {
    if (file === null || version === null || version === written) return
    try {
      await writeKnown(file, { version, at: clock.now(), hashes: digestsOf(hashes) })
      written = version
    } catch (error) {
      log.debug({ reason: (error as Error).message }, 'no digests of users and tokens are kept')
      written = version
    }
  }

  async function endSessions(): Promise<void> {
    for (;;) {
      const { version, hashes } = await read()
      const changes = signedOut(hashes['user'] ?? {})
      if (changes.length === 0) return
      const repair = { changes, putBack: 0, removed: 0 }
      if (await store.repair(version, version, repair, clock.now())) return
    }
  }

  return { read, version: memory.version, endSessions }
}
