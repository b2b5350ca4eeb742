import { describe, expect, test } from 'vitest'
import { createGrowthWatch, growthFor, isMoment } from '../../../bin/heap.ts'

/** What it says of each size in turn, MB. */
function said(...sizes: readonly number[]): boolean[] {
  const isGrown = createGrowthWatch()
  return sizes.map((size) => isGrown(size * 1e6))
}

describe('when pages are given back', () => {
  test.each([
    ['never while the size is flat, or moves by a few percent', [300, 302, 298, 315, 300, 310], []],
    ['once growth has ended', [300, 360, 420, 421, 300], [3]],
    ['not while it still grows', [300, 330, 360, 390, 420, 450], []],
    [
      'not again when that didn’t help: what is in use is the new measure',
      [300, 400, 400, 400, 401, 402],
      [2],
    ],
    ['again after the next storm', [300, 400, 400, 310, 420, 418, 312], [2, 5]],
    ['measured from the least that it was', [400, 300, 340, 340], [3]],
  ])('%s', (_, sizes, at) => {
    const answers = said(...sizes)
    expect(answers.flatMap((yes, i) => (yes ? [i] : []))).toEqual(at)
  })
})

test.each([
  ['nobody has asked yet', -Infinity, 0, true],
  ['somebody asked a second ago', 99_000, 99_500, false],
  ['nobody has asked for two seconds', 98_000, 99_500, true],
  ['somebody always asks, for less than five minutes', 99_999, -199_000, false],
  ['somebody always asks, for five minutes', 99_999, -200_000, true],
])('pages are given back in a pause of those who ask: %s', (_, askedAt, wantedAt, isNow) => {
  expect(isMoment({ now: 100_000, askedAt, wantedAt })).toBe(isNow)
})

test('the heap is collected seldom while somebody reads, and kept small otherwise', () => {
  expect([Infinity, 30_000, 29_999, 0].map(growthFor)).toEqual([15, 15, 100, 100])
})
