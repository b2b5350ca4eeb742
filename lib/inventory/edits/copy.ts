import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type Known, readKnown } from '../../redis/kept-file.ts'

/** The last known edits beside what else wardline keeps: a start without Redis brings no deleted device back. */
export const copyPath = (dataDir: string): string => join(dataDir, 'device-edits.json')

/** As wardline 0.1.0 wrote it. */
const formerSchema = z.strictObject({
  version: z.string().nullable(),
  entries: z.record(z.string(), z.string()),
})

/** Null where there is none, or none that can be read: then Redis is what knows. */
export const readCopy = async (dataDir: string): Promise<Known | null> =>
  (await readKnown(copyPath(dataDir))) ?? (await readFormer(copyPath(dataDir)))

async function readFormer(path: string): Promise<Known | null> {
  try {
    const checked = formerSchema.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (!checked.success) return null
    const { version, entries } = checked.data
    // When it was written isn't known: what Redis has besides is taken for newer.
    return { version, at: 0, hashes: { edit: entries } }
  } catch {
    return null
  }
}
