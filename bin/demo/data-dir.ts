import { readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { dataDirError, makeDataDir } from '../../lib/data-dir.ts'
import { StartError } from '../../lib/start-error.ts'

const MARK = 'demo.json'
const KEY = '--data-dir'

/**
 * An empty directory for a demo. What is in it is removed if a demo made it and has ended; anything else is
 * refused with StartError.
 */
export async function claimDataDir(path: string): Promise<void> {
  const found = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw dataDirError(path, error, KEY)
  })
  if (found.length > 0) {
    const owner = await readOwner(path)
    if (owner === null)
      throw new StartError(
        `${path}: holds files that are not a demo's: give the demo an empty directory`,
      )
    if (isAlive(owner))
      throw new StartError(
        `${path}: another demo uses it (process ${owner}): end that one, or give this one a directory of its own`,
      )
    await rm(path, { recursive: true, force: true }).catch(refuse)
  }
  await makeDataDir(path, { key: KEY })
  await writeFile(join(path, MARK), `${JSON.stringify({ pid: process.pid })}\n`).catch(refuse)

  function refuse(error: unknown): never {
    throw dataDirError(path, error, KEY)
  }
}

async function readOwner(path: string): Promise<number | null> {
  try {
    const { pid } = JSON.parse(await readFile(join(path, MARK), 'utf8')) as { pid?: unknown }
    return typeof pid === 'number' ? pid : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
