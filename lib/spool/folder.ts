import { randomBytes } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProcessIdentity, identify, isAlive } from '../embedded/process-identity.ts'
import { POSITIONS, readPositions } from './positions.ts'
import { SEGMENT_SUFFIX } from './segment.ts'

/** The folder of one process, which no other writes to while its owner gives signs of life. */
export type Folder = {
  readonly path: string
  /** A sign of life; false when the folder is no longer this process's. */
  touch(): Promise<boolean>
  /** Whether it is still this process's: one that was frozen for long may find it taken over. */
  isOwned(): Promise<boolean>
  /** Takes over the folders that others left, and gives the segments in them, which are in this folder then. */
  adopt(): Promise<readonly { readonly name: string; readonly position: number }[]>
  /** With segments in it: for the next process to take over. */
  release(isEmpty: boolean): Promise<void>
}

/** Who writes here, and where its number means something; no process: nobody any more. */
type Owner = { readonly pidNamespace: string; readonly process: ProcessIdentity | null }

const OWNER = 'owner.json'
const ADOPTED = 'adopted-'
/** An owner that is silent for so long is dead, or frozen. */
const SILENT_MS = 60_000

/** A new folder under `base`, which is made where it is missing. Rejects with what the file system says. */
export async function openFolder(base: string, instance: string): Promise<Folder> {
  await mkdir(base, { recursive: true, mode: 0o750 })
  const name = `${safeName(instance)}-${randomBytes(4).toString('hex')}`
  const path = join(base, name)
  await mkdir(path, { mode: 0o750 })
  const ownerPath = join(path, OWNER)
  const pidNamespace = namespaceOf()
  const owner: Owner = { pidNamespace, process: identify(process.pid) }
  const text = JSON.stringify(owner)
  try {
    await writeFile(ownerPath, text)
  } catch (error) {
    await rm(path, { recursive: true, force: true })
    throw error
  }

  async function left(): Promise<string[]> {
    const now = await stampOf(path)
    const others = (await readdir(base, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && entry.name !== name)
      .map((entry) => join(base, entry.name))
    const silent = await Promise.all(others.map((other) => isLeft(other, now, pidNamespace)))
    return others.filter((_, index) => silent[index])
  }

  return {
    path,
    // Over what is there: a full disk has room for that.
    touch: () =>
      writeFile(ownerPath, text, { flag: 'r+' }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return false
          throw error
        },
      ),
    isOwned: () =>
      stat(ownerPath).then(
        () => true,
        () => false,
      ),
    async adopt() {
      const segments: { name: string; position: number }[] = []
      for (const other of await left()) {
        const inside = join(path, `${ADOPTED}${randomBytes(4).toString('hex')}`)
        try {
          await rename(other, inside)
        } catch {
          continue // another process was quicker
        }
        segments.push(...(await emptyInto(path, inside)))
      }
      return segments
    },
    async release(isEmpty) {
      if (isEmpty) {
        await rm(join(path, POSITIONS), { force: true })
        await rm(ownerPath, { force: true })
        await rmdir(path).catch(() => {}) // something of somebody else's is in it
        return
      }
      await writeFile(ownerPath, JSON.stringify({ pidNamespace, process: null } satisfies Owner))
    },
  }
}

async function isLeft(path: string, now: number, pidNamespace: string): Promise<boolean> {
  try {
    if (now - (await stampOf(path)) > SILENT_MS) return true
    const owner = JSON.parse(await readFile(join(path, OWNER), 'utf8')) as Owner
    if (owner.process === null) return true
    // The number of a process means something among those of its namespace alone: each container has one of its own.
    return owner.pidNamespace === pidNamespace && !isAlive(owner.process)
  } catch {
    return false // being made, or gone
  }
}

/** The last sign of life, by the clock of the file system: those of processes may differ. */
async function stampOf(path: string): Promise<number> {
  const { mtimeMs } = await stat(join(path, OWNER)).catch(() => stat(path))
  return mtimeMs
}

/** Moves the segments under `from` into `path`, those too that it had adopted itself when it ended. */
async function emptyInto(
  path: string,
  from: string,
): Promise<{ readonly name: string; readonly position: number }[]> {
  const positions = await readPositions(from)
  const segments: { name: string; position: number }[] = []
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory()) segments.push(...(await emptyInto(path, join(from, entry.name))))
    if (!entry.isFile() || !entry.name.endsWith(SEGMENT_SUFFIX)) continue
    await rename(join(from, entry.name), join(path, entry.name))
    segments.push({ name: entry.name, position: positions.get(entry.name) ?? 0 })
  }
  await rm(from, { recursive: true, force: true })
  return segments
}

function namespaceOf(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}

/** A host's name may come from a configuration. */
const safeName = (name: string): string =>
  name.replaceAll(/[^A-Za-z0-9._-]/g, '_').replace(/^\./, '_') || '_'
