import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KEEP_MS, type Waiting } from './backlog.ts'
import { unpack } from './pack.ts'
import { writePositions } from './positions.ts'
import { findRecords } from './record.ts'
import { type Segment, addRecord, leftOf, nextRecords, readSegment } from './segment.ts'
import {
  type Entry,
  type SegmentFile,
  createSegmentFile,
  encodeEntry,
  writeAll,
} from './segment-file.ts'

export type Place = { readonly segment: Segment; readonly index: number }
/** Records that were read, and where they are. */
export type Block = {
  readonly waiting: readonly Waiting[]
  readonly segment: Segment
  readonly end: number
}

/** The segments of one folder: written at the end, read from the oldest. Its calls that wait are made one after the other. */
export type Disk = {
  readonly segments: readonly Segment[]
  /** Rejects with what the file system says; nothing of it counts as written then. */
  write(entries: readonly Entry[]): Promise<readonly Place[]>
  /** Makes what was written survive a power cut. */
  sync(): Promise<void>
  /** Null when all is read. Can be called beside `write`. */
  read(): Promise<Block | null>
  done(block: Block): void
  /** Gives what was done up for good where that is over a minute ago, and remembers how far that is. */
  commit(): Promise<void>
  rewind(): void
  hold(isHeld: boolean): void
  /** Takes over a file that is in the folder already. */
  adopt(name: string, position: number): Promise<void>
  clear(): Promise<void>
  /** Whether nothing is left. */
  close(): Promise<boolean>
}

const READ_BYTES = 65_536
const SEGMENT_BYTES = { least: 65_536, most: 8_388_608 }

export function openDisk(
  folder: string,
  {
    origin,
    maxBytes,
    onDrop,
    onCorrupt,
  }: {
    origin: string
    maxBytes: number
    onDrop: (samples: number) => void
    onCorrupt: (records: number, samples: number) => void
  },
): Disk {
  // Replaced, not changed: who goes over them may wait meanwhile.
  let segments: readonly Segment[] = []
  const segmentBytes = Math.min(
    SEGMENT_BYTES.most,
    Math.max(SEGMENT_BYTES.least, Math.floor(maxBytes / 16)),
  )
  let active: SegmentFile | null = null
  let isDirty = false
  let done: { at: number; segment: Segment; end: number }[] = []
  let rewinds = 0
  let isHeld = false
  const readAt = new WeakMap<Block, number>()
  const savePositions = writePositions(folder)

  const pathOf = ({ name }: Segment): string => join(folder, name)

  async function write(entries: readonly Entry[]): Promise<readonly Place[]> {
    const records = await Promise.all(entries.map(encodeEntry))
    const length = records.reduce((sum, record) => sum + record.length, 0)
    if (active !== null && active.segment.size + length > segmentBytes) await closeActive()
    await makeRoom(length)
    active ??= await startSegment()
    const { handle, segment } = active
    try {
      await writeAll(handle, records, segment.size)
    } catch (error) {
      // What is torn must not stand before what is whole.
      await handle.truncate(segment.size).catch(() => closeActive())
      throw error
    }
    isDirty = true
    return records.map((record, index) => {
      const at = segment.size
      segment.size += record.length
      const { batch, storedBy } = entries[index] ?? NOTHING
      const { from, samples } = batch
      return {
        segment,
        index: addRecord(segment, { at, end: segment.size, from, samples, storedBy }),
      }
    })
  }

  async function startSegment(): Promise<SegmentFile> {
    const file = await createSegmentFile(folder, origin)
    segments = [...segments, file.segment]
    await syncFolder(folder)
    return file
  }

  async function closeActive(): Promise<void> {
    if (active === null) return
    const { handle } = active
    active = null
    await handle.datasync().catch(() => {})
    await handle.close().catch(() => {})
  }

  async function makeRoom(length: number): Promise<void> {
    const total = () => segments.reduce((sum, { size }) => sum + size, 0)
    while (total() + length > maxBytes) {
      const oldest = segments.find((segment) => segment !== active?.segment)
      if (oldest === undefined) return
      onDrop(leftOf(oldest).samples)
      await remove(oldest)
    }
  }

  async function remove(segment: Segment): Promise<void> {
    forget(segment)
    await rm(pathOf(segment), { force: true })
  }

  function forget(segment: Segment): void {
    segments = segments.filter((each) => each !== segment)
    segment.next = segment.at.length
    done = done.filter((each) => each.segment !== segment)
  }

  async function read(): Promise<Block | null> {
    for (const segment of segments) {
      const range = nextRecords(segment, READ_BYTES)
      if (range === null) continue
      const epoch = rewinds
      const waiting = await readRange(segment, range)
      if (waiting === null) return null
      const block = { waiting, segment, end: range.end }
      readAt.set(block, epoch)
      return block
    }
    return null
  }

  async function readRange(
    segment: Segment,
    { first, end }: { first: number; end: number },
  ): Promise<Waiting[] | null> {
    const start = segment.at[first] ?? 0
    const bytes = Buffer.allocUnsafeSlow((segment.end[end - 1] ?? start) - start)
    let length = 0
    try {
      await using handle = await open(pathOf(segment), 'r')
      length = (await handle.read(bytes, 0, bytes.length, start)).bytesRead
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // Another process has it, which took this one for dead; or the bound has dropped it just now.
      if (code === 'ENOENT') forget(segment)
      // Of a disk that can't read it any more it is lost; whatever else it is may pass.
      if (code !== 'EIO') return null
    }
    const { found } = findRecords(bytes.subarray(0, length))
    const known = new Map(found.map((record) => [start + record.at, record]))
    const waiting: Waiting[] = []
    for (let index = first; index < end; index++) {
      if (segment.settled.has(index)) continue
      const record = known.get(segment.at[index] ?? -1)
      const body = record && (await unpack(bytes.subarray(record.at, record.end), record))
      if (record === undefined || record.kind === 'origin' || body === null || body === undefined) {
        onCorrupt(1, segment.samples[index] ?? 0)
        continue
      }
      const { kind, samples, from, storedBy } = record
      waiting.push({ batch: { kind, samples, from, body }, storedBy })
    }
    return waiting
  }

  async function commit(): Promise<void> {
    const until = performance.now() - KEEP_MS
    const old = done.findIndex(({ at }) => at > until)
    const past = isHeld ? [] : done.splice(0, old === -1 ? done.length : old)
    for (const { segment, end } of past) segment.committed = Math.max(segment.committed, end)
    for (const segment of segments) {
      while (segment.settled.has(segment.next)) segment.next++
      while (segment.settled.has(segment.committed)) segment.committed++
      if (segment.committed < segment.at.length || segment.next < segment.at.length) continue
      if (segment === active?.segment) await closeActive()
      await remove(segment)
    }
    await savePositions(segments)
  }

  return {
    get segments() {
      return segments
    },
    write,
    async sync() {
      if (!isDirty || active === null) return
      isDirty = false
      await active.handle.datasync()
    },
    read,
    done(block) {
      // What was acknowledged before a restart that is known by now may be lost: it is read again.
      if (readAt.get(block) !== rewinds) return
      const { segment, end } = block
      segment.next = Math.max(segment.next, end)
      done.push({ at: performance.now(), segment, end })
    },
    commit,
    hold(held) {
      // Its minute begins anew: it was acknowledged by one that may be gone.
      if (isHeld && !held) for (const each of done) each.at = performance.now()
      isHeld = held
    },
    rewind() {
      rewinds++
      done = []
      for (const segment of segments) segment.next = segment.committed
    },
    async adopt(name, position) {
      const { segment, corrupt } = readSegment(name, await readFile(join(folder, name)), position)
      if (corrupt.records > 0) onCorrupt(corrupt.records, corrupt.samples)
      segments = [...segments, segment].sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    async clear() {
      await closeActive()
      for (const segment of segments) await remove(segment)
    },
    async close() {
      await closeActive()
      for (const segment of segments) if (leftOf(segment).records === 0) await remove(segment)
      await savePositions(segments)
      return segments.length === 0
    },
  }
}

const NOTHING: Entry = {
  batch: { kind: 'lines', body: Buffer.alloc(0), samples: 0, from: 0 },
  storedBy: 0,
}

/** A file's name survives a power cut once its folder was written. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}
