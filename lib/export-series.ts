import type { Labels } from './labels.ts'

/**
 * Lines of VictoriaMetrics' `/api/v1/export`, a series each: `{"metric":{…},"values":[1,1,0],"timestamps":[…]}`. A month of
 * a fleet is millions of samples, of which few say anything new: they are looked at as bytes, and read where it counts.
 */
export type ExportedSeries = {
  readonly labels: Labels
  readonly count: number
  /** Stamp of the sample at `index`, oldest first. Unix milliseconds. */
  stampAt(index: number): number
  /** Equal values that follow one another are one run, however long. */
  runs(): readonly Run[]
}

/** `value` is NaN for a staleness marker. */
export type Run = { readonly value: number; readonly index: number; readonly count: number }

const VALUES = Buffer.from('},"values":[')
const STAMPS = Buffer.from('],"timestamps":[')
const NEWLINE = 10
const COMMA = 44
const ZERO = 48
/** From 2001 until 2286 a stamp in milliseconds has 13 digits: the place of each follows from its index. */
const DIGITS = 13

/** Throws an Error for a line that is none. */
export function readSeries(line: Buffer): ExportedSeries {
  const values = line.indexOf(VALUES)
  const stamps = line.indexOf(STAMPS, values)
  const end = line.lastIndexOf(']')
  const first = stamps + STAMPS.length
  const count = (end - first + 1) / (DIGITS + 1)
  if (values < 0 || stamps < 0 || !Number.isInteger(count))
    throw new Error(`expected an exported series, got ${line.toString('utf8', 0, 100)}`)
  const { metric } = JSON.parse(`${line.toString('utf8', 0, values)}}}`) as { metric: Labels }
  return {
    labels: metric,
    count,
    stampAt(index) {
      let stamp = 0
      const from = first + index * (DIGITS + 1)
      for (let at = from; at < from + DIGITS; at++) stamp = stamp * 10 + (line[at] ?? ZERO) - ZERO
      return stamp
    },
    runs: () => runsOf(line.subarray(values + VALUES.length, stamps)),
  }
}

function runsOf(values: Buffer): Run[] {
  const runs: Run[] = []
  let index = 0
  let start = 0
  while (start < values.length) {
    let end = values.indexOf(COMMA, start)
    if (end < 0) end = values.length
    let next = end + 1
    let count = 1
    while (isSame(values, start, end, next)) {
      next += end - start + 1
      count++
    }
    const text = values.toString('latin1', start, end)
    // JSON has no NaN: it is null.
    runs.push({ value: text === 'null' ? Number.NaN : Number(text), index, count })
    index += count
    start = next
  }
  return runs
}

/** Whether the text of [start, end) stands at `next` too, as a whole. */
function isSame(values: Buffer, start: number, end: number, next: number): boolean {
  const after = next + end - start
  if (after > values.length || (after < values.length && values[after] !== COMMA)) return false
  for (let at = start; at < end; at++) if (values[at] !== values[next + at - start]) return false
  return true
}

/** A series of one sample a second for half a year has less. */
const MOST_LINE_BYTES = 2 ** 29

/** The lines of a body, as its parts arrive; no more than one of them is held. Throws for one that doesn't end. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = []
  let held = 0
  for await (const part of body) {
    const bytes = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      begun.push(bytes.subarray(start, end))
      const line = begun.length === 1 ? begun[0] : Buffer.concat(begun)
      begun = []
      held = 0
      start = end + 1
      if (line !== undefined && line.length > 0) yield line
    }
    if (start < bytes.length) begun.push(bytes.subarray(start))
    held += bytes.length - start
    if (held > MOST_LINE_BYTES)
      throw new Error('expected an exported series, got a line without an end')
  }
  if (begun.length > 0) yield Buffer.concat(begun)
}
