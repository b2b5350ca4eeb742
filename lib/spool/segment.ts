import { randomBytes } from 'node:crypto'
import { HEADER_BYTES, findRecords } from './record.ts'

export const SEGMENT_SUFFIX = '.spool'

/** One file of records, as this process knows it. Records are told by their place in `at`. */
export type Segment = {
  readonly name: string
  /** The vantage whose samples it has. */
  readonly origin: string
  /** Bytes that are written and whole. */
  size: number
  /** Of each record: where it begins and ends, the stamp of its oldest sample, how many it has, and who acknowledged it. */
  readonly at: number[]
  readonly end: number[]
  readonly from: number[]
  readonly samples: number[]
  readonly storedBy: number[]
  /** Records that were stored another way. */
  readonly settled: Set<number>
  /** The first record that isn't stored. */
  next: number
  /** The first record that may have to be stored once more. */
  committed: number
  /** As it was counted last: counting it again for each question takes long with many records. */
  left: Left & { readonly key: string }
}

export type Left = { readonly records: number; readonly samples: number; readonly bytes: number }

let lastAt = 0

/** Names sort by the time of their making, also of segments that several processes made. */
export function nameSegment(): string {
  lastAt = Math.max(Date.now(), lastAt + 1)
  return `${String(lastAt).padStart(14, '0')}-${randomBytes(4).toString('hex')}${SEGMENT_SUFFIX}`
}

export const emptySegment = (name: string, origin: string): Segment => ({
  name,
  origin,
  size: 0,
  at: [],
  end: [],
  from: [],
  samples: [],
  storedBy: [],
  settled: new Set(),
  next: 0,
  committed: 0,
  left: { key: '', records: 0, samples: 0, bytes: 0 },
})

/** What a file of some process before this one holds, from the byte on that it had come to. */
export function readSegment(
  name: string,
  bytes: Buffer,
  position: number,
): { readonly segment: Segment; readonly corrupt: { records: number; samples: number } } {
  const { found, corrupt } = findRecords(bytes)
  const origin = found.find(({ kind }) => kind === 'origin')
  const read = emptySegment(
    name,
    origin === undefined ? '' : String(bytes.subarray(origin.at + HEADER_BYTES, origin.end)),
  )
  for (const record of found) if (record.kind !== 'origin') addRecord(read, record)
  read.size = bytes.length
  while (read.next < read.at.length && (read.at[read.next] ?? 0) < position) read.next++
  read.committed = read.next
  return { segment: read, corrupt }
}

export function addRecord(
  segment: Segment,
  record: { at: number; end: number; from: number; samples: number; storedBy: number },
): number {
  segment.at.push(record.at)
  segment.end.push(record.end)
  segment.from.push(record.from)
  // What was acknowledged once is missed by nobody unless VictoriaMetrics lost it.
  segment.samples.push(record.storedBy > 0 ? 0 : record.samples)
  segment.storedBy.push(record.storedBy)
  return segment.at.length - 1
}

/** What isn't stored yet. */
export function leftOf(segment: Segment): Left {
  const key = `${segment.next} ${segment.at.length} ${segment.settled.size}`
  if (segment.left.key !== key) segment.left = { key, ...countLeft(segment) }
  return segment.left
}

function countLeft(segment: Segment): Left {
  let [records, samples, bytes] = [0, 0, 0]
  for (let index = segment.next; index < segment.at.length; index++) {
    if (segment.settled.has(index)) continue
    records++
    samples += segment.samples[index] ?? 0
    bytes += (segment.end[index] ?? 0) - (segment.at[index] ?? 0)
  }
  return { records, samples, bytes }
}

/** Stamp of the oldest sample that this VictoriaMetrics doesn't have yet; Infinity: there is none. */
export function oldestOf(segment: Segment, startedAt = Number.NaN): number {
  let oldest = Number.POSITIVE_INFINITY
  for (let index = segment.next; index < segment.at.length; index++) {
    if (segment.settled.has(index) || segment.storedBy[index] === startedAt) continue
    oldest = Math.min(oldest, segment.from[index] ?? oldest)
  }
  return oldest
}

/** The next records that wait, `most` bytes of the file and at least one; what is settled before them is passed. */
export function nextRecords(
  segment: Segment,
  most: number,
): { readonly first: number; readonly end: number } | null {
  while (segment.settled.has(segment.next)) segment.next++
  const first = segment.next
  if (first >= segment.at.length) return null
  const start = segment.at[first] ?? 0
  let end = first + 1
  while (end < segment.at.length && (segment.end[end] ?? 0) - start <= most) end++
  return { first, end }
}
