import { expect, test } from 'vitest'
import { alignedLines } from '../../../../bin/snmp/table.ts'

test('columns are as wide as what stands in them, numbers on the right', () => {
  const rows = [
    ['ifInErrors', '{ifIndex="1"}', '0'],
    ['snmp_up', '', '12.5'],
  ]

  expect(alignedLines(rows, { right: [2] })).toEqual([
    'ifInErrors  {ifIndex="1"}     0',
    'snmp_up                    12.5',
  ])
})

test('one text that is very long moves no other line', () => {
  expect(
    alignedLines([
      ['a', 'b'],
      ['x'.repeat(200), 'y'],
    ]),
  ).toEqual(['a  b', `${'x'.repeat(200)}  y`])
})
