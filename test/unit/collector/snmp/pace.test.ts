import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MOST_PER_SLOT, paceStarts } from '../../../../collector/snmp/pace.ts'

test('every poll of a slot has one start, in order and within the slot', () => {
  fc.assert(
    fc.property(fc.nat({ max: MOST_PER_SLOT }), (count) => {
      const batches = paceStarts(count)
      expect(batches.flatMap(({ from, to }) => range(from, to))).toEqual(range(0, count))
      expect(batches.every(({ afterMs }) => afterMs >= 0 && afterMs < 900)).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test.each([
  [0, []],
  [1, [0]],
  [3, [0, 300, 600]],
])('%i polls start at %j ms', (count, starts) => {
  expect(paceStarts(count).map(({ afterMs }) => afterMs)).toEqual(starts)
})

test('no tick starts more than the receive buffer takes; what is too much gets no start', () => {
  const batches = paceStarts(MOST_PER_SLOT * 2)
  expect(Math.max(...batches.map(({ from, to }) => to - from))).toBe(100)
  expect(batches.at(-1)?.to).toBe(MOST_PER_SLOT)
})

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)
