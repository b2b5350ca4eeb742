import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { changedAt } from '../../decisions/changed-at.ts'
import { follow } from '../../follow.ts'
import type { Logger } from '../../log.ts'
import type { Redis } from '../../redis.ts'
import { openMemory } from '../../redis/memory.ts'
import { EditError } from './edit-error.ts'
import { NOTES_CHANNEL, keptNotes, reaching } from './store.ts'

/**
 * Knows the notes of all devices until it is disposed, so that a Redis that lost them gets them back. Whoever wants one asks
 * Redis. Never rejects.
 */
export async function keepNotes({
  redis,
  dataDir,
  clock,
  log,
}: {
  redis: Redis
  /** Where a copy is kept for the next start. */
  dataDir: string
  clock: Pick<Clock, 'now'>
  log: Logger
}): Promise<AsyncDisposable> {
  const memory = await openMemory({
    what: 'notes of devices',
    store: keptNotes(redis),
    timeOf: (_kind, text) => changedAt(text),
    file: join(dataDir, 'device-notes.json'),
    clock,
    log,
  })
  return follow({
    redis,
    firstReadMs: 0, // nobody waits for it
    channel: NOTES_CHANNEL,
    version: () => reaching(() => memory.version()),
    read: (reached) =>
      reaching(async () => {
        const { version } = await memory.read()
        reached(version)
      }),
    isAway: (error) => error instanceof EditError,
    // Whoever reads or writes one is told.
    away: ({ message }) => log.debug({ reason: message }, 'notes of devices are not read'),
    back: () => {},
  })
}
