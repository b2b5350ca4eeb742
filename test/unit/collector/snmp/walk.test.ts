import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareOids } from '../../../../collector/snmp/oid.ts'
import type { Varbind } from '../../../../collector/snmp/values.ts'
import { type Rows, startWalk } from '../../../../collector/snmp/walk.ts'

const COLUMNS = ['1.1.2', '1.1.7', '1.1.10']
const ALL = [0, 1, 2]
const cell = (oid: string, value = 1): Varbind => ({ oid, type: 2, value })
const end = (oid: string): Varbind => ({ oid, type: 130, value: null })

describe('columns walked side by side', () => {
  test('rows are aligned by index, not by place', () => {
    const rows: Rows = new Map()
    const walk = startWalk(COLUMNS, ALL, rows)
    walk.take([
      [cell('1.1.2.1', 11), cell('1.1.2.3', 13)],
      [cell('1.1.7.1', 71), cell('1.1.7.2', 72)],
      [cell('1.1.10.3', 103)],
    ])
    expect([...rows]).toEqual([
      ['1', [11, 71, undefined]],
      ['3', [13, undefined, 103]],
      ['2', [undefined, 72, undefined]],
    ])
  })

  test('each column goes on from where it came to, and an ended one is not asked again', () => {
    const walk = startWalk(COLUMNS, ALL, new Map())
    walk.take([[cell('1.1.2.1')], [cell('1.1.7.1'), cell('1.1.8.1')], []])
    expect(walk.next()).toEqual(['1.1.2.1', '1.1.10'])
  })

  test('an answer that was cut within a row loses nothing', () => {
    const walk = startWalk(COLUMNS, ALL, new Map())
    walk.take([[cell('1.1.2.1'), cell('1.1.2.2')], [cell('1.1.7.1')], [cell('1.1.10.1')]])
    expect(walk.next()).toEqual(['1.1.2.2', '1.1.7.1', '1.1.10.1'])
  })

  test.each([
    ['the end of the MIB', [[end('1.1.2')], [end('1.1.7')], [end('1.1.10')]]],
    ['other columns', [[cell('1.1.3.1')], [cell('1.1.8.1')], [cell('2.1')]]],
    ['no cell at all', [[], [], []]],
    ['an empty answer', []],
  ])('%s ends the walk', (_what, answers) => {
    const walk = startWalk(COLUMNS, ALL, new Map())
    walk.take(answers)
    expect(walk.next()).toEqual([])
  })

  test.each([
    ['repeats an OID', ['1.1.2.5', '1.1.2.5']],
    ['goes back', ['1.1.2.5', '1.1.2.4']],
  ])('an agent that %s goes in a circle', (_what, oids) => {
    const walk = startWalk(COLUMNS, [0], new Map())
    expect(() => walk.take([oids.map((oid) => cell(oid))])).toThrow(
      expect.objectContaining({ name: 'SnmpError', reason: 'protocol' }),
    )
  })

  test('v1 ends the column that the agent names, and the only one without a name', () => {
    const walk = startWalk(COLUMNS, ALL, new Map())
    expect(walk.end(null)).toBe(false)
    expect(walk.end('1.1.7')).toBe(true)
    expect(walk.next()).toEqual(['1.1.2', '1.1.10'])
    expect(walk.end('1.1.10')).toBe(true)
    expect(walk.end(null)).toBe(true)
    expect(walk.next()).toEqual([])
  })

  test('any table comes out whole, whatever an answer holds', () => {
    const table = fc.uniqueArray(fc.tuple(fc.nat({ max: 2 }), fc.integer({ min: 1, max: 300 })), {
      selector: ([column, index]) => `${column}.${index}`,
    })
    fc.assert(
      fc.property(
        table,
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        (cells, sizes) => {
          const mib = cells
            .map(([column, index]) => cell(`${COLUMNS[column]}.${index}`, index))
            .sort((a, b) => compareOids(a.oid, b.oid))
          const rows: Rows = new Map()
          const walk = startWalk(COLUMNS, ALL, rows)
          for (let turn = 0; walk.next().length > 0; turn++) {
            walk.take(bulk(mib, walk.next(), 5, sizes[turn % sizes.length] ?? 1))
          }
          const expected: Rows = new Map()
          for (const [column, index] of cells) {
            const row = expected.get(`${index}`) ?? [undefined, undefined, undefined]
            row[column] = index
            expected.set(`${index}`, row)
          }
          expect(rows).toEqual(expected)
        },
      ),
    )
  })
})

/** An agent's answer: rows of one cell for each OID, cut after so many cells. */
function bulk(
  mib: readonly Varbind[],
  oids: string[],
  repetitions: number,
  cells: number,
): Varbind[][] {
  const answers = oids.map((): Varbind[] => [])
  let at = oids
  for (let count = 0; count < Math.min(cells, repetitions * oids.length); count++) {
    const place = count % oids.length
    const next = mib.find(({ oid }) => compareOids(oid, at[place] ?? '') > 0) ?? end('9')
    answers[place]?.push(next)
    at = at.with(place, next.oid)
  }
  return answers
}
