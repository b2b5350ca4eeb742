import { type ExportedSeries, type Run } from './export-series.ts'
import { labelsKey } from './labels.ts'

/**
 * Series of an export that comes in blocks: VictoriaMetrics gives those of a series in any order, and where samples came
 * late or again, blocks that overlap.
 */
export type SeriesBlocks = {
  add(block: ExportedSeries): void
  /** Each series once, its samples oldest first; of what was stored twice, one. */
  whole(): Iterable<ExportedSeries>
}

export function collectBlocks(): SeriesBlocks {
  const known = new Map<string, ExportedSeries[]>()
  return {
    add(block) {
      if (block.count === 0) return
      const key = labelsKey(block.labels)
      const own = known.get(key)
      if (own === undefined) known.set(key, [block])
      else own.push(block)
    },
    *whole() {
      for (const blocks of known.values()) yield joined(blocks)
    },
  }
}

function joined(blocks: readonly ExportedSeries[]): ExportedSeries {
  const [first, ...rest] = blocks.toSorted((a, b) => a.stampAt(0) - b.stampAt(0))
  if (first === undefined) throw new Error('expected a block at least')
  if (rest.length === 0) return first
  const all = [first, ...rest]
  const isInOrder = rest.every(
    (block, place) =>
      block.stampAt(0) > (all[place] ?? first).stampAt((all[place] ?? first).count - 1),
  )
  return isInOrder ? chained(all) : merged(all)
}

/** One after the other: only what is asked for is read. */
function chained(blocks: readonly ExportedSeries[]): ExportedSeries {
  const begins: number[] = []
  let count = 0
  for (const block of blocks) {
    begins.push(count)
    count += block.count
  }
  return {
    labels: blocks[0]?.labels ?? {},
    count,
    stampAt(index) {
      let place = begins.length - 1
      while (place > 0 && (begins[place] ?? 0) > index) place--
      return blocks[place]?.stampAt(index - (begins[place] ?? 0)) ?? Number.NaN
    },
    runs: () =>
      together(
        blocks.flatMap((block, place) =>
          block.runs().map((run) => ({ ...run, index: run.index + (begins[place] ?? 0) })),
        ),
      ),
  }
}

function merged(blocks: readonly ExportedSeries[]): ExportedSeries {
  const samples = blocks
    .flatMap((block) =>
      block.runs().flatMap(({ value, index, count }) =>
        Array.from({ length: count }, (_, place) => ({
          at: block.stampAt(index + place),
          value,
        })),
      ),
    )
    .sort((a, b) => a.at - b.at)
    .filter(({ at, value }, place, all) => {
      const before = all[place - 1]
      return before === undefined || before.at !== at || !Object.is(before.value, value)
    })
  return {
    labels: blocks[0]?.labels ?? {},
    count: samples.length,
    stampAt: (index) => samples[index]?.at ?? Number.NaN,
    runs: () => together(samples.map(({ value }, index) => ({ value, index, count: 1 }))),
  }
}

/** Runs of the same value that follow one another are one. */
function together(runs: readonly Run[]): Run[] {
  const found: Run[] = []
  for (const run of runs) {
    const last = found.at(-1)
    if (last !== undefined && Object.is(last.value, run.value))
      found[found.length - 1] = { ...last, count: last.count + run.count }
    else found.push(run)
  }
  return found
}
