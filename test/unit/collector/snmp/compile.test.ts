import { describe, expect, test } from 'vitest'
import { compileModules } from '../../../../collector/snmp/compile.ts'
import {
  DEFAULT_SETTINGS,
  type Metric,
  type SnmpModule,
} from '../../../../collector/snmp/module.ts'
import { ifMib } from '../../../../collector/snmp/modules/if-mib.ts'
import { system } from '../../../../collector/snmp/modules/system.ts'

const ROW = { labelName: 'row', type: 'gauge', fixedSize: null, implied: false }

function moduleOf(parts: Partial<SnmpModule> & { metrics: readonly Metric[] }): SnmpModule {
  return {
    name: 'm',
    walk: [],
    get: [],
    filters: [],
    settings: DEFAULT_SETTINGS,
    texts: [],
    ...parts,
  }
}

const column = (name: string, oid: string, rest: Partial<Metric> = {}): Metric => ({
  name,
  oid,
  type: 'gauge',
  indexes: [ROW],
  ...rest,
})

function sectionOf(module: SnmpModule) {
  const { gets, sections } = compileModules([module])
  const [section] = sections
  if (section === undefined) throw new Error('no section')
  return { gets, section, table: section.tables[0] }
}

const names = (table: ReturnType<typeof sectionOf>['table'], positions: readonly number[] = []) =>
  positions.map((at) => table?.columns[at]?.metric?.name)

describe('what a module reads', () => {
  test('of a table that is walked, the columns of its metrics side by side, and nothing else', () => {
    const { section, table } = sectionOf(
      moduleOf({ walk: ['1.2.3'], metrics: [column('a', '1.2.3.1.1'), column('b', '1.2.3.1.7')] }),
    )
    expect(section.tables).toHaveLength(1)
    expect(table?.main.oids).toEqual(['1.2.3.1.1', '1.2.3.1.7'])
  })

  test('a scalar under a walk by GET, at .0', () => {
    const scalar: Metric = { name: 's', oid: '1.2.5', type: 'gauge' }
    const { gets, table } = sectionOf(moduleOf({ walk: ['1.2'], metrics: [scalar] }))
    expect(gets).toContain('1.2.5.0')
    expect(table?.main.oids).toEqual([])
  })

  test('instances of a column by GET, in their rows', () => {
    const { gets, table } = sectionOf(
      moduleOf({ get: ['1.2.3.1.1.42'], metrics: [column('a', '1.2.3.1.1')] }),
    )
    expect(gets).toContain('1.2.3.1.1.42')
    expect(table?.instances).toEqual([{ oid: '1.2.3.1.1.42', index: '42', position: 0 }])
  })

  test('a piece of a column that is walked alone', () => {
    const { gets, table } = sectionOf(
      moduleOf({ walk: ['1.2.3.1.1.42'], metrics: [column('a', '1.2.3.1.1')] }),
    )
    expect(gets).toContain('1.2.3.1.1.42')
    expect(table?.parts).toEqual([{ oid: '1.2.3.1.1.42', index: '42', position: 0 }])
    expect(table?.main.oids).toEqual([])
  })

  test('columns of texts that name rows are read apart, and those that are metrics, too, are not read twice', () => {
    const lookups = ['1.2.3.1.2', '1.2.3.1.7'].map((oid, i) => ({
      labels: ['row'],
      labelName: `text${i}`,
      oid,
      type: 'DisplayString',
    }))
    const { section, table } = sectionOf(
      moduleOf({
        walk: ['1.2.3'],
        metrics: [column('a', '1.2.3.1.1', { lookups }), column('b', '1.2.3.1.7', { lookups })],
      }),
    )
    expect(table?.main.oids).toEqual(['1.2.3.1.1', '1.2.3.1.7'])
    expect(section.labels.map(({ oids }) => oids)).toEqual([['1.2.3.1.2']])
    expect(section.places.get('1.2.3.1.7')).toEqual({ in: 'tables', group: 0, position: 1 })
    expect(section.places.get('1.2.3.1.2')).toEqual({ in: 'labels', group: 0, position: 0 })
  })

  test('a lookup whose column nothing reads names nothing', () => {
    const lookups = [{ labels: ['row'], labelName: 'text', oid: '1.9.9', type: 'DisplayString' }]
    const { section } = sectionOf(
      moduleOf({ walk: ['1.2.3'], metrics: [column('a', '1.2.3.1.1', { lookups })] }),
    )
    expect(section.labels).toEqual([])
    expect(section.places.has('1.9.9')).toBe(false)
  })

  test('a metric that no walk and no get reaches is not read', () => {
    const { section } = sectionOf(
      moduleOf({ walk: ['1.2.4'], metrics: [column('a', '1.2.3.1.1')] }),
    )
    expect(section.tables).toEqual([])
  })

  test('1.2.30 is not under 1.2.3', () => {
    const { section } = sectionOf(moduleOf({ walk: ['1.2.3'], metrics: [column('a', '1.2.30.1')] }))
    expect(section.tables).toEqual([])
  })

  test('of two metrics of one object the later', () => {
    const { table } = sectionOf(
      moduleOf({ walk: ['1.2.3'], metrics: [column('a', '1.2.3.1'), column('b', '1.2.3.1')] }),
    )
    expect(names(table, table?.main.positions)).toEqual(['b'])
  })

  test('targets of a filter row by row, and not by a walk', () => {
    const { section, table } = sectionOf(
      moduleOf({
        walk: ['1.2.3.1.1', '1.2.3.1.2'],
        metrics: [column('a', '1.2.3.1.1'), column('b', '1.2.3.1.2')],
        filters: [{ oid: '1.2.3.1.8', targets: ['1.2.3.1.2'], values: [/^1$/] }],
      }),
    )
    expect(table?.main.oids).toEqual(['1.2.3.1.1'])
    expect(table?.filtered).toEqual([{ oid: '1.2.3.1.2', position: 1, filters: [0] }])
    expect(section.filters).toMatchObject([{ oid: '1.2.3.1.8', values: [/^1$/] }])
  })

  describe('a target of a filter that walk does not name', () => {
    const filters = [{ oid: '1.2.3.1.8', targets: ['1.2.3.1.2'], values: [/^1$/] }]
    const metrics = [column('b', '1.2.3.1.2')]
    const filtered = { oid: '1.2.3.1.2', position: 0, filters: [0] }

    test('is read row by row, too', () => {
      const { table } = sectionOf(moduleOf({ metrics, filters }))
      expect(table?.filtered).toEqual([filtered])
      expect(table?.main.oids).toEqual([])
    })

    test('and of its instances none that the filter does not let through', () => {
      const { gets, table } = sectionOf(moduleOf({ get: ['1.2.3.1.2.7'], metrics, filters }))
      expect(table?.filtered).toEqual([filtered])
      expect(gets).not.toContain('1.2.3.1.2.7')
    })

    test('is read whole where it is under a subtree that is walked, and once', () => {
      const { table } = sectionOf(moduleOf({ walk: ['1.2.3'], metrics, filters }))
      expect(table?.main.oids).toEqual(['1.2.3.1.2'])
      expect(table?.filtered).toEqual([])
    })
  })
})

describe('32-bit counters', () => {
  const { table } = sectionOf(ifMib)

  test('are walked apart, each for its 64-bit one', () => {
    expect(names(table, table?.main.positions)).not.toContain('ifInOctets')
    expect(names(table, table?.standIns.positions)).toContain('ifInOctets')
    const replaced = names(table, table?.replaced)
    expect(
      names(table, table?.standIns.positions).map((name) => name?.replace('if', 'ifHC')),
    ).toEqual(replaced)
  })

  test('are all that v1 walks', () => {
    expect(names(table, table?.v1.positions)).toContain('ifInOctets')
    expect(names(table, table?.v1.positions)).not.toContain('ifHCInOctets')
  })

  test('rows of the main walk are the table’s own', () => {
    expect(table?.main.positions).toEqual(table?.main.positions.map((_, i) => i))
  })
})

test('tables of one index and the same names are one', () => {
  expect(compileModules([system, ifMib]).sections.map(({ tables }) => tables.length)).toEqual([
    1, 1,
  ])
})

test('what several modules get is asked for once, the up time first', () => {
  const { gets } = compileModules([system, ifMib, { ...system, name: 'again' }])
  expect(gets[0]).toBe('1.3.6.1.2.1.1.3.0')
  expect(new Set(gets).size).toBe(gets.length)
})
