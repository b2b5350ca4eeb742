import { z } from 'zod'
import type { Mark } from '../../lib/redis/beat.ts'
import { readSnapshot } from '../../lib/redis/snapshot.ts'
import { type LogEntry, parseEntry } from './log-entry.ts'

/** Its name in data_dir. */
export const FORMER_LOG = 'notification-log.json'

/** The notification log as the process before this one left it. */
export type FormerLog = {
  /** Where it last saw Redis. */
  readonly mark: Mark
  /** Of its term. */
  readonly token: number
  /** When it was written, in Unix milliseconds. */
  readonly at: number
  /** By receiver and group. */
  readonly entries: ReadonlyMap<string, ReadonlyMap<string, LogEntry>>
}

const schema = z.strictObject({
  mark: z.strictObject({ at: z.number(), generation: z.string() }),
  token: z.number(),
  at: z.number(),
  entries: z.array(z.tuple([z.string(), z.string(), z.string()])),
})

/** Null where there is none, or none that can be read: then Redis is what knows. */
export async function readFormerLog(path: string): Promise<FormerLog | null> {
  const { data } = schema.safeParse(await readSnapshot(path))
  if (data === undefined) return null
  const entries = new Map<string, Map<string, LogEntry>>()
  for (const [receiver, group, text] of data.entries) {
    const ofReceiver = entries.get(receiver) ?? new Map<string, LogEntry>()
    entries.set(receiver, ofReceiver.set(group, parseEntry(text, group)))
  }
  return { ...data, entries }
}
