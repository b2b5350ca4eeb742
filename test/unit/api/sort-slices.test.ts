import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortedInSlices } from '../../../api/sort-slices.ts'
import { atOnce } from '../../../lib/slices.ts'

const byKey = (one: { key: number }, other: { key: number }): number => one.key - other.key

test('it is in the order that sort gives, equals as they were', () => {
  const keys = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 2_000 })
  fc.assert(
    fc.property(keys, (found) => {
      const items = found.map((key, place) => ({ key, place }))
      expect(atOnce(sortedInSlices(items, byKey))).toEqual(items.toSorted(byKey))
    }),
    { numRuns: 50 },
  )
})

test('of ten thousand no more than some hundreds are compared at a time', () => {
  const items = Array.from({ length: 10_000 }, (_, index) => ({ key: (index * 7_919) % 10_007 }))
  let compared = 0
  let most = 0
  const work = sortedInSlices(items, (one, other) => {
    compared++
    return byKey(one, other)
  })
  for (let step = work.next(); step.done !== true; step = work.next()) {
    most = Math.max(most, compared)
    compared = 0
  }

  expect(most).toBeLessThan(3_000)
})
