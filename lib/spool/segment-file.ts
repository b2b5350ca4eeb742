import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Batch } from './backlog.ts'
import { pack } from './pack.ts'
import { encodeRecord } from './record.ts'
import { type Segment, emptySegment, nameSegment } from './segment.ts'

/** A batch as it goes to disk. */
export type Entry = { readonly batch: Batch; readonly storedBy: number }

/** A new segment, open to be written at its end; its first record says whose samples it has. */
export type SegmentFile = { readonly handle: FileHandle; readonly segment: Segment }

/** Rejects with what the file system says; no file is left then. */
export async function createSegmentFile(folder: string, origin: string): Promise<SegmentFile> {
  const segment = emptySegment(nameSegment(), origin)
  const path = join(folder, segment.name)
  const handle = await open(path, 'wx', 0o640)
  const header = { kind: 'origin', isPacked: false, samples: 0, from: 0, storedBy: 0 } as const
  const record = encodeRecord(header, Buffer.from(origin))
  try {
    await writeAll(handle, [record], 0)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(path, { force: true }).catch(() => {})
    throw error
  }
  segment.size = record.length
  return { handle, segment }
}

export async function encodeEntry({ batch, storedBy }: Entry): Promise<Buffer> {
  const { body, isPacked } = await pack(batch.body)
  const { kind, samples, from } = batch
  return encodeRecord({ kind, samples, from, storedBy, isPacked }, body)
}

export async function writeAll(
  handle: FileHandle,
  parts: readonly Buffer[],
  at: number,
): Promise<void> {
  const bytes = parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await handle.write(
      bytes,
      written,
      bytes.length - written,
      at + written,
    )
    written += bytesWritten
  }
}
