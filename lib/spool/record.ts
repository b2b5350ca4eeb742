import { crc32 } from 'node:zlib'

/**
 * One record of a segment: a header of 40 bytes, little-endian, and a body.
 *
 *      0  u32  magic "WSP1"
 *      4  u32  CRC-32 of bytes 8 to 39
 *      8  u32  length of the body
 *     12  u32  CRC-32 of the body
 *     16  u32  samples in it
 *     20  u8   kind: 0 lines, 1 remote write, 2 origin (the vantage, the first record of a segment)
 *     21  u8   1: the body is packed with zstd
 *     22  u16  0
 *     24  f64  stamp of its oldest sample, Unix milliseconds
 *     32  f64  start of the VictoriaMetrics that acknowledged it, Unix seconds; 0: none did, 1: it is not known
 *
 * The header has a sum of its own: where it is right the length is, and a body that is damaged costs itself alone.
 */
export type RecordHeader = {
  readonly kind: RecordKind
  readonly isPacked: boolean
  readonly bodyBytes: number
  readonly samples: number
  readonly from: number
  readonly storedBy: number
}
export type RecordKind = 'lines' | 'remote-write' | 'origin'

export const HEADER_BYTES = 40
const KINDS = ['lines', 'remote-write', 'origin'] as const
const MAGIC = Buffer.from('WSP1')
const MAX_BODY_BYTES = 67_108_864

/** A record in a segment's bytes, checked. */
export type Found = RecordHeader & { readonly at: number; readonly end: number }

export function encodeRecord(
  { kind, isPacked, samples, from, storedBy }: Omit<RecordHeader, 'bodyBytes'>,
  body: Uint8Array,
): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  MAGIC.copy(record)
  record.writeUInt32LE(body.length, 8)
  record.writeUInt32LE(crc32(body), 12)
  record.writeUInt32LE(samples, 16)
  record.writeUInt8(KINDS.indexOf(kind), 20)
  record.writeUInt8(Number(isPacked), 21)
  record.writeUInt16LE(0, 22)
  record.writeDoubleLE(from, 24)
  record.writeDoubleLE(storedBy, 32)
  record.writeUInt32LE(crc32(record.subarray(8, HEADER_BYTES)), 4)
  record.set(body, HEADER_BYTES)
  return record
}

/** All records of a segment that are whole, in their order, and what had to be passed over. */
export function findRecords(bytes: Buffer): {
  readonly found: readonly Found[]
  /**
   * Places where something isn't a record, or not a whole one, and the samples of those whose header is right: but for
   * those that were acknowledged once, which are missed by nobody unless VictoriaMetrics lost them.
   */
  readonly corrupt: { readonly records: number; readonly samples: number }
} {
  const found: Found[] = []
  const corrupt = { records: 0, samples: 0 }
  let at = 0
  while (at < bytes.length) {
    const header = readHeader(bytes, at)
    if (header === null) {
      corrupt.records++
      const next = nextHeader(bytes, at + 1)
      if (next === -1) break
      at = next
      continue
    }
    const end = at + HEADER_BYTES + header.bodyBytes
    if (end <= bytes.length && isWhole(bytes, at, end)) {
      found.push({ ...header, at, end })
    } else {
      corrupt.records++
      if (header.storedBy === 0) corrupt.samples += header.samples
    }
    // The header is right, so is its length: what follows begins at `end`, if anything does.
    at = end
  }
  return { found, corrupt }
}

/** Null where no record begins. */
function readHeader(bytes: Buffer, at: number): RecordHeader | null {
  if (at + HEADER_BYTES > bytes.length || bytes.compare(MAGIC, 0, 4, at, at + 4) !== 0) return null
  if (bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(at + 8, at + HEADER_BYTES))) return null
  const bodyBytes = bytes.readUInt32LE(at + 8)
  const kind = KINDS[bytes.readUInt8(at + 20)]
  if (kind === undefined || bodyBytes > MAX_BODY_BYTES) return null
  return {
    kind,
    isPacked: bytes.readUInt8(at + 21) === 1,
    bodyBytes,
    samples: bytes.readUInt32LE(at + 16),
    from: bytes.readDoubleLE(at + 24),
    storedBy: bytes.readDoubleLE(at + 32),
  }
}

const isWhole = (bytes: Buffer, at: number, end: number): boolean =>
  bytes.readUInt32LE(at + 12) === crc32(bytes.subarray(at + HEADER_BYTES, end))

function nextHeader(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(MAGIC, from); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
    if (readHeader(bytes, at) !== null) return at
  }
  return -1
}
