import { readFile, rename, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { makeDataDir } from '../../data-dir.ts'
import type { Kept } from './store.ts'

/** The last known edits beside what else wardline keeps: a start without Redis brings no deleted device back. */
export const copyPath = (dataDir: string): string => join(dataDir, 'device-edits.json')

const copySchema = z.strictObject({
  version: z.string().nullable(),
  entries: z.record(z.string(), z.string()),
})

/** Null where there is none, or none that can be read: then Redis is what knows. */
export async function readCopy(dataDir: string): Promise<Kept | null> {
  try {
    const checked = copySchema.safeParse(JSON.parse(await readFile(copyPath(dataDir), 'utf8')))
    return checked.success ? checked.data : null
  } catch {
    return null
  }
}

/** Whole or not at all, also when several services of one machine write it. */
export async function writeCopy(dataDir: string, kept: Kept): Promise<void> {
  await makeDataDir(dataDir)
  const path = copyPath(dataDir)
  // Of containers that share a folder, each has the same process id.
  const draft = `${path}.${hostname()}.${process.pid}`
  await writeFile(draft, JSON.stringify(kept), { mode: 0o600 })
  await rename(draft, path)
}
