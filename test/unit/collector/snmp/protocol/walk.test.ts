import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareOids } from '../../../../../collector/snmp/protocol/oid.ts'
import { TAG, type Varbind } from '../../../../../collector/snmp/protocol/varbind.ts'
import { type Rows, startWalk } from '../../../../../collector/snmp/protocol/walk.ts'

const COLUMNS = ['1.1.2', '1.1.7', '1.1.10']
const cell = (oid: string, value = 1): Varbind => ({ oid, type: TAG.integer, value })
const end = (oid: string): Varbind => ({ oid, type: TAG.endOfMibView, value: null })

/** Like the walk's rows, with the values of cells. */
const valuesOf = (rows: Rows) =>
  [...rows].map(([index, cells]) => [index, cells.map((found) => found?.value)])

/** A walk that has asked for all of its columns. */
function walkOf(columns: readonly string[], rows: Rows = new Map(), options = {}) {
  const walk = startWalk(columns, rows, options)
  walk.next(10)
  return walk
}

describe('columns walked side by side', () => {
  test('rows are aligned by index, not by place', () => {
    const rows: Rows = new Map()
    const walk = walkOf(COLUMNS, rows)
    walk.take([
      [cell('1.1.2.1', 11), cell('1.1.2.3', 13)],
      [cell('1.1.7.1', 71), cell('1.1.7.2', 72)],
      [cell('1.1.10.3', 103)],
    ])
    expect(valuesOf(rows)).toEqual([
      ['1', [11, 71, undefined]],
      ['3', [13, undefined, 103]],
      ['2', [undefined, 72, undefined]],
    ])
  })

  test('each column goes on from where it came to, and an ended one is not asked again', () => {
    const walk = walkOf(COLUMNS)
    walk.take([[cell('1.1.2.1')], [cell('1.1.7.1'), cell('1.1.8.1')], []])
    expect(walk.next(10)).toEqual(['1.1.2.1', '1.1.10'])
  })

  test('an answer that was cut within a row loses nothing', () => {
    const walk = walkOf(COLUMNS)
    walk.take([[cell('1.1.2.1'), cell('1.1.2.2')], [cell('1.1.7.1')], [cell('1.1.10.1')]])
    expect(walk.next(10)).toEqual(['1.1.2.2', '1.1.7.1', '1.1.10.1'])
  })

  test.each([
    ['the end of the MIB', [[end('1.1.2')], [end('1.1.7')], [end('1.1.10')]]],
    ['other columns', [[cell('1.1.3.1')], [cell('1.1.8.1')], [cell('2.1')]]],
    ['no cell at all', [[], [], []]],
    ['an empty answer', []],
  ])('%s ends the walk', (_what, answers) => {
    const walk = walkOf(COLUMNS)
    walk.take(answers)
    expect(walk.next(10)).toEqual([])
  })

  test.each([
    ['repeats an OID', ['1.1.2.5', '1.1.2.5']],
    ['goes back', ['1.1.2.5', '1.1.2.4']],
  ])('an agent that %s goes in a circle', (_what, oids) => {
    const walk = walkOf(COLUMNS.slice(0, 1))
    expect(() => walk.take([oids.map((oid) => cell(oid))])).toThrow(
      expect.objectContaining({ name: 'SnmpError', reason: 'protocol' }),
    )
  })

  describe('of an agent whose rows are in no order, as it is told', () => {
    test('are all read', () => {
      const rows: Rows = new Map()
      const walk = walkOf(['1.1.2'], rows, { allowNonIncreasing: true })
      walk.take([['1.1.2.7', '1.1.2.3', '1.1.2.5'].map((oid) => cell(oid))])
      expect([...rows.keys()]).toEqual(['7', '3', '5'])
      expect(walk.next(10)).toEqual(['1.1.2.5'])
    })

    test.each([
      ['repeats an OID', ['1.1.2.5', '1.1.2.5']],
      ['goes in a circle', ['1.1.2.5', '1.1.2.3', '1.1.2.9', '1.1.2.5']],
    ])('end where it %s', (_what, oids) => {
      const walk = walkOf(['1.1.2'], new Map(), { allowNonIncreasing: true })
      walk.take([oids.map((oid) => cell(oid))])
      expect(walk.next(10)).toEqual([])
    })
  })

  test('a column may be a subtree: its indexes begin with the columns under it', () => {
    const rows: Rows = new Map()
    walkOf(['1.1'], rows).take([[cell('1.1.2.9'), cell('1.1.10.1'), cell('1.2.1')]])
    expect([...rows.keys()]).toEqual(['2.9', '10.1'])
  })

  test('so many at once, the others where they stand', () => {
    const walk = startWalk(COLUMNS, new Map())
    expect(walk.next(2)).toEqual(['1.1.2', '1.1.7'])
    walk.take([[cell('1.1.2.1')], [end('1.1.7')]])
    expect(walk.next(1)).toEqual(['1.1.2.1'])
    walk.take([[]])
    expect(walk.next(2)).toEqual(['1.1.10'])
  })

  test('v1 ends the column that the agent names, and the only one without a name', () => {
    const walk = walkOf(COLUMNS)
    expect(walk.end(null)).toBe(false)
    expect(walk.end('1.1.7')).toBe(true)
    expect(walk.next(10)).toEqual(['1.1.2', '1.1.10'])
    expect(walk.end('1.1.10')).toBe(true)
    expect(walk.next(10)).toEqual(['1.1.2'])
    expect(walk.end(null)).toBe(true)
    expect(walk.next(10)).toEqual([])
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
          const walk = walkOf(COLUMNS, rows)
          for (let turn = 0; walk.next(10).length > 0; turn++) {
            const most = 1 + (turn % 3)
            walk.take(bulk(mib, walk.next(most), 5, sizes[turn % sizes.length] ?? 1))
          }
          const expected = new Map<string, (number | undefined)[]>()
          for (const [column, index] of cells) {
            const row = expected.get(`${index}`) ?? [undefined, undefined, undefined]
            row[column] = index
            expected.set(`${index}`, row)
          }
          expect(new Map(valuesOf(rows) as [string, number[]][])).toEqual(expected)
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
