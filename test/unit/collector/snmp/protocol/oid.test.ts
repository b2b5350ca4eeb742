import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareOids, indexUnder } from '../../../../../collector/snmp/protocol/oid.ts'

test('OIDs are ordered number by number, a shorter one first', () => {
  const oids = ['1.3.10', '1.3.9', '1.3', '1.3.9.1', '1.3.100']
  expect(oids.sort(compareOids)).toEqual(['1.3', '1.3.9', '1.3.9.1', '1.3.10', '1.3.100'])
})

test.each([
  ['1.3.6.1.7', '1.3.6', '1.7'],
  ['1.3.61', '1.3.6', null],
  ['1.3.6', '1.3.6', null],
  ['1.3', '1.3.6', null],
])('%s under %s is %j', (oid, base, index) => {
  expect(indexUnder(oid, base)).toBe(index)
})

test('any two OIDs are ordered as their numbers are', () => {
  const arcs = fc.array(fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 2_000 })), {
    minLength: 1,
    maxLength: 8,
  })
  fc.assert(
    fc.property(arcs, arcs, (a, b) => {
      const at = a.findIndex((number, i) => number !== b[i])
      const order = at === -1 ? a.length - b.length : (a[at] ?? 0) - (b[at] ?? -1)
      expect(Math.sign(compareOids(a.join('.'), b.join('.')))).toBe(Math.sign(order))
    }),
    { numRuns: 5_000 },
  )
})
