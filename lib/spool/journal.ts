import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KEEP_MS } from './backlog.ts'
import {
  type Entry,
  type SegmentFile,
  createSegmentFile,
  encodeEntry,
  writeAll,
} from './segment-file.ts'

/**
 * What VictoriaMetrics acknowledged in the last minute, where it survives this process: killed together they would both
 * forget it. Its segments are like any other, so the next process takes them over and stores what the VictoriaMetrics of
 * then doesn't have. Never synced: a power cut may take it. Its calls that wait are made one after the other.
 */
export type Journal = {
  /** Whether something of it isn't on disk yet. */
  readonly isDirty: boolean
  add(entry: Entry): void
  /** Writes what was added to this folder. Rejects with what the file system says; it is written the next time then. */
  write(folder: string): Promise<void>
  /** Leaves nothing of it. */
  clear(): Promise<void>
}

type Written = SegmentFile & { readonly folder: string; readonly beganAt: number; lastAt: number }

/** A segment goes as a whole, so more than a minute is there by as much at most. */
const SEGMENT_MS = 15_000

export function createJournal(origin: string, maxBytes: number): Journal {
  let added: { readonly at: number; readonly entry: Entry }[] = []
  let past: Written[] = []
  let active: Written | null = null

  function forgetOld(): void {
    const from = performance.now() - KEEP_MS
    while ((added[0]?.at ?? from) < from) added.shift()
  }

  async function append(folder: string, entries: readonly Entry[]): Promise<void> {
    const records = await Promise.all(entries.map(encodeEntry))
    const length = records.reduce((sum, record) => sum + record.length, 0)
    if (active !== null && isFull(active, length)) await endActive()
    await makeRoom(length)
    if (length > maxBytes) return
    active ??= await begin(folder)
    const { handle, segment } = active
    try {
      await writeAll(handle, records, segment.size)
    } catch (error) {
      await handle.truncate(segment.size).catch(() => {}) // or what comes next is written over it
      throw error
    }
    segment.size += length
    active.lastAt = performance.now()
  }

  const isFull = ({ segment, beganAt }: Written, length: number): boolean =>
    performance.now() - beganAt >= SEGMENT_MS || segment.size + length > maxBytes / 4

  async function begin(folder: string): Promise<Written> {
    const now = performance.now()
    return { ...(await createSegmentFile(folder, origin)), folder, beganAt: now, lastAt: now }
  }

  async function endActive(): Promise<void> {
    if (active === null) return
    const ended = active
    active = null
    past.push(ended)
    await ended.handle.close()
  }

  async function makeRoom(length: number): Promise<void> {
    const from = performance.now() - KEEP_MS
    let total = past.reduce((sum, { segment }) => sum + segment.size, active?.segment.size ?? 0)
    while (past[0] !== undefined && (past[0].lastAt < from || total + length > maxBytes)) {
      total -= past[0].segment.size
      await remove(past[0])
      past.shift()
    }
  }

  /** The folder may be another process's by now, and this with it. */
  const remove = ({ folder, segment }: Written): Promise<void> =>
    rm(join(folder, segment.name), { force: true })

  return {
    get isDirty() {
      return added.length > 0
    },
    add(entry) {
      added.push({ at: performance.now(), entry })
      forgetOld() // while the disk takes nothing
    },
    async write(folder) {
      if (active !== null && active.folder !== folder) await endActive()
      const some = added
      added = []
      try {
        await append(
          folder,
          some.map(({ entry }) => entry),
        )
      } catch (error) {
        added = [...some, ...added]
        throw error
      }
    },
    async clear() {
      added = []
      await endActive()
      for (const each of past.splice(0)) await remove(each)
    },
  }
}
