import { z } from 'zod'
import type { Kept } from './kept.ts'
import { readSnapshot, writeSnapshot } from './snapshot.ts'

/** What was known of a kept thing, and when it was last in force. */
export type Known = Kept & { readonly at: number }

const knownSchema = z.strictObject({
  version: z.string().nullable(),
  at: z.number(),
  hashes: z.record(z.string(), z.record(z.string(), z.string())),
})

/** Null where there is none, or none that can be read: then Redis is what knows. */
export async function readKnown(path: string): Promise<Known | null> {
  return knownSchema.safeParse(await readSnapshot(path)).data ?? null
}

export const writeKnown = (path: string, known: Known): Promise<void> =>
  writeSnapshot(path, JSON.stringify(known))
