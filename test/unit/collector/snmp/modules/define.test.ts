import { expect, test } from 'vitest'
import {
  defineModule,
  deviceTexts,
  gauge,
  numberInText,
  scalars,
  state,
  table,
  text,
  textIndex,
} from '../../../../../collector/snmp/modules/define.ts'

test('single values are read by GET, at .0', () => {
  const { get, walk, metrics } = defineModule('m', scalars('1.3.9', { a: gauge(7, 'Help') }))
  expect({ get, walk, metrics }).toEqual({
    get: ['1.3.9.7.0'],
    walk: [],
    metrics: [{ name: 'a', oid: '1.3.9.7', type: 'gauge', help: 'Help' }],
  })
})

test('texts of a device are read by GET and are no metrics', () => {
  const { get, metrics, texts } = defineModule('m', deviceTexts('1.3.9', { sysName: 5 }))
  expect({ get, metrics, texts }).toEqual({
    get: ['1.3.9.5.0'],
    metrics: [],
    texts: [{ name: 'sysName', oid: '1.3.9.5.0' }],
  })
})

test('of a table its columns are walked, and those that name its rows, each once', () => {
  const rows = {
    index: ['slot', textIndex('name')],
    labels: { descr: text(2), other: text('1.4.2') },
  }
  const { walk, metrics } = defineModule(
    'm',
    table({ entry: '1.3.9.1', ...rows, columns: { a: gauge(7, 'A') } }),
    table({ entry: '1.3.8.1', ...rows, labels: { other: text('1.4.2', ['slot']) }, columns: {} }),
  )
  expect(walk).toEqual(['1.3.9.1.7', '1.3.9.1.2', '1.4.2'])
  expect(metrics[0]?.indexes).toEqual([
    { labelName: 'slot', type: 'gauge', fixedSize: null, implied: false },
    { labelName: 'name', type: 'DisplayString', fixedSize: null, implied: false },
  ])
  expect(metrics[0]?.lookups).toEqual([
    { labels: ['slot', 'name'], labelName: 'descr', oid: '1.3.9.1.2', type: 'DisplayString' },
    { labels: ['slot', 'name'], labelName: 'other', oid: '1.4.2', type: 'DisplayString' },
  ])
})

test('a state has its names for people in the help and for machines beside it', () => {
  expect(state(3, 'State of it', { 1: 'down', 2: 'up' })).toEqual({
    at: 3,
    type: 'gauge',
    help: 'State of it: 1 down, 2 up',
    enumValues: { 1: 'down', 2: 'up' },
  })
})

test('rows that say nothing are left out by a filter on one of the columns', () => {
  const part = table({
    entry: '1.3.9.1',
    index: 'i',
    columns: { a: gauge(5, 'A'), b: gauge(7, 'B') },
    rowsWhere: { at: 7, matches: /^[1-9]/ },
  })
  expect(defineModule('m', part).filters).toEqual([
    { oid: '1.3.9.1.7', targets: ['1.3.9.1.5', '1.3.9.1.7'], values: [/^[1-9]/] },
  ])
})

test.each([
  ['43.5', '43.5'],
  ['23C', '23'],
  [' -2C', '-2'],
  ['4500.000000', '4500.000000'],
  ['N/A', null],
  ['', null],
])('the number in the text %j is %j', (written, number) => {
  const [extract] = numberInText(1, 'Help').regexExtracts?.[''] ?? []
  expect(extract?.regex.exec(written)?.[1] ?? null).toBe(number)
})
