import fc from 'fast-check'
import { expect, test } from 'vitest'
import { collectBlocks } from '../../../lib/export-blocks.ts'
import { type ExportedSeries, readSeries } from '../../../lib/export-series.ts'

const T0 = 1_795_321_194_000
type Point = readonly [at: number, value: number | null]

const blockOf = (points: readonly Point[], device = 'r1'): ExportedSeries =>
  readSeries(
    Buffer.from(
      JSON.stringify({
        metric: { __name__: 'device_state_up', device },
        values: points.map(([, value]) => value),
        timestamps: points.map(([at]) => at),
      }),
    ),
  )

/** Every sample as its runs and stamps tell it; runs of the same value never touch. */
function pointsOf(series: ExportedSeries): Point[] {
  const runs = series.runs()
  for (const [place, { value }] of runs.entries())
    expect(Object.is(value, runs[place - 1]?.value), 'two runs of one value').toBe(false)
  return runs.flatMap(({ value, index, count }) =>
    Array.from({ length: count }, (_, place): Point => [
      series.stampAt(index + place),
      Number.isNaN(value) ? null : value,
    ]),
  )
}

const points = fc
  .array(fc.constantFrom(0, 1, -1, null), { minLength: 1, maxLength: 60 })
  .map((values) => values.map((value, index): Point => [T0 + index * 1_000, value]))

function wholeOf(blocks: readonly ExportedSeries[]): ExportedSeries[] {
  const collected = collectBlocks()
  for (const block of blocks) collected.add(block)
  return [...collected.whole()]
}

test('blocks that follow one another, in whatever order they come, are one series', () => {
  fc.assert(
    fc.property(points, fc.array(fc.nat(59), { maxLength: 6 }), fc.nat(), (all, cuts, seed) => {
      const at = [...new Set([0, ...cuts.map((cut) => cut % all.length), all.length])].toSorted(
        (a, b) => a - b,
      )
      const blocks = at
        .slice(1)
        .map((end, place) => blockOf(all.slice(at[place], end)))
        .toSorted((a, b) => ((a.stampAt(0) * 7 + seed) % 13) - ((b.stampAt(0) * 7 + seed) % 13))
      const [series, ...others] = wholeOf(blocks)

      expect(others).toEqual([])
      expect(series?.count).toBe(all.length)
      expect(series === undefined ? [] : pointsOf(series)).toEqual(all)
    }),
  )
})

test('of blocks that overlap each sample is told once, oldest first', () => {
  fc.assert(
    fc.property(points, fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }), (all, isOdd) => {
      const [one, other] = [
        all.filter((_, index) => isOdd[index] || index % 5 === 0),
        all.filter((_, index) => !isOdd[index] || index % 3 === 0),
      ]
      const [series] = wholeOf([blockOf(other), blockOf(one)].filter(({ count }) => count > 0))

      expect(series === undefined ? [] : pointsOf(series)).toEqual(all)
    }),
  )
})

test('series stay apart', () => {
  const here = blockOf([[T0, 1]], 'r1')
  const there = blockOf([[T0 + 1_000, 0]], 'r2')

  expect(
    wholeOf([here, there, here]).map((series) => [series.labels['device'], series.count]),
  ).toEqual([
    ['r1', 1],
    ['r2', 1],
  ])
})
