import { expect, test } from 'vitest'
import { compareOids, indexUnder } from '../../../../collector/snmp/oid.ts'

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
