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
  /**
   * Writes what was added to this folder, piece by piece. Rejects with what the file system says: what isn't written by then is
   * the next time, but for the oldest of it where it is more than there may be on disk.
   */
  write(folder: string): Promise<void>
  /** Leaves the disk to what is missing in VictoriaMetrics; whether there was something of it. */
  giveWay(): Promise<boolean>
  /** Leaves nothing of it. */
  clear(): Promise<void>
}

type Added = { readonly at: number; readonly entry: Entry }
type Written = SegmentFile & {
  readonly folder: string
  readonly beganAt: number
  lastAt: number
  samples: number
}

/** A segment goes as a whole, so more than a minute is there by as much at most. */
const SEGMENT_MS = 15_000
/** Packed and written at once. A minute that waited for the disk may be many times that. */
const PIECE_BYTES = 1_048_576

/** `onDrop`: so many samples are not kept, for want of room. */
export function createJournal(
  origin: string,
  maxBytes: number,
  onDrop: (samples: number) => void,
): Journal {
  let added: Added[] = []
  let past: Written[] = []
  let active: Written | null = null

  function forgetOld(): void {
    const from = performance.now() - KEEP_MS
    let old = 0
    while ((added[old]?.at ?? from) < from) old++
    drop(added.splice(0, old))
  }

  async function append(folder: string, piece: readonly Added[]): Promise<void> {
    const records = await Promise.all(piece.map(({ entry }) => encodeEntry(entry)))
    const length = records.reduce((sum, record) => sum + record.length, 0)
    if (active !== null && isFull(active, length)) await endActive()
    await makeRoom(length)
    if (length > maxBytes) return drop(piece)
    active ??= await begin(folder)
    const { handle, segment } = active
    try {
      await writeAll(handle, records, segment.size)
    } catch (error) {
      await handle.truncate(segment.size).catch(() => {}) // or what comes next is written over it
      throw error
    }
    segment.size += length
    for (const { entry } of piece) active.samples += entry.batch.samples
    active.lastAt = performance.now()
  }

  function drop(some: readonly Added[]): void {
    const samples = some.reduce((sum, { entry }) => sum + entry.batch.samples, 0)
    if (samples > 0) onDrop(samples)
  }

  /** How many of what was added go in the next piece: at least one. */
  function pieceLength(): number {
    let length = 0
    for (let bytes = 0; length < added.length; length++) {
      bytes += bytesOf(added[length])
      if (bytes > Math.min(PIECE_BYTES, maxBytes) && length > 0) break
    }
    return length
  }

  /** What waits for the disk has a bound as well. */
  function dropExcess(): void {
    let bytes = added.reduce((sum, one) => sum + bytesOf(one), 0)
    let excess = 0
    while (bytes > maxBytes) bytes -= bytesOf(added[excess++])
    drop(added.splice(0, excess))
  }

  const isFull = ({ segment, beganAt }: Written, length: number): boolean =>
    performance.now() - beganAt >= SEGMENT_MS || segment.size + length > maxBytes / 4

  async function begin(folder: string): Promise<Written> {
    const now = performance.now()
    const file = await createSegmentFile(folder, origin)
    return { ...file, folder, beganAt: now, lastAt: now, samples: 0 }
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
      forgetOld()
      try {
        while (added.length > 0) {
          const piece = added.slice(0, pieceLength())
          await append(folder, piece)
          const written = new Set(piece)
          added = added.filter((one) => !written.has(one)) // the oldest may have gone meanwhile
        }
      } catch (error) {
        dropExcess()
        throw error
      }
    },
    async giveWay() {
      const from = performance.now() - KEEP_MS
      await endActive()
      const gone = past.splice(0)
      for (const each of gone) {
        await remove(each)
        if (each.lastAt >= from) onDrop(each.samples)
      }
      return gone.length > 0
    },
    async clear() {
      added = []
      await endActive()
      for (const each of past.splice(0)) await remove(each)
    },
  }
}

const bytesOf = (one: Added | undefined): number => one?.entry.batch.body.length ?? 0
