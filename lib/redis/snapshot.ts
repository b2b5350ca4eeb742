import { createHash } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { makeDataDir } from '../data-dir.ts'

/**
 * What Redis has, as a file beside what else wardline keeps: for a start after Redis lost it. Its first line is the SHA-256 of
 * the rest; a file that was cut or changed is none.
 */
export async function readSnapshot(path: string): Promise<unknown> {
  try {
    const text = await readFile(path, 'utf8')
    const end = text.indexOf('\n')
    const body = text.slice(end + 1)
    return end > 0 && text.slice(0, end) === digestOf(body) ? JSON.parse(body) : null
  } catch {
    return null
  }
}

let drafts = 0

/** Whole or not at all, also when several services of one machine, or of one process, write it at once. */
export async function writeSnapshot(path: string, body: string): Promise<void> {
  await makeDataDir(dirname(path))
  // Of containers that share a folder, each has the same process id.
  const draft = `${path}.${hostname()}.${process.pid}.${++drafts}`
  try {
    const file = await open(draft, 'w', 0o600)
    try {
      await file.writeFile(`${digestOf(body)}\n${body}`)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(draft, path)
  } catch (error) {
    // Half of it takes the space that a full disk lacks.
    await rm(draft, { force: true }).catch(() => {})
    throw error
  }
}

const digestOf = (body: string): string => createHash('sha256').update(body).digest('hex')
