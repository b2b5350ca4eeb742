import { describe, expect, test } from 'vitest'
import {
  columnsNeeded,
  plainReader,
  readMetric,
} from '../../../../../collector/snmp/values/metric.ts'
import { METRIC_TYPES, type Metric } from '../../../../../collector/snmp/module.ts'
import { compileRegex } from '../../../../../collector/snmp/snmp-yml/regex.ts'
import { TAG, type Varbind } from '../../../../../collector/snmp/protocol/varbind.ts'

const OID = '1.3.6.1.4.1.1.2'
const metricOf = (more: Partial<Metric>): Metric => ({
  name: 'm',
  oid: OID,
  type: 'gauge',
  ...more,
})
const octets = (bytes: string | Buffer): Varbind => ({
  oid: `${OID}.1`,
  type: TAG.octetString,
  value: Buffer.from(bytes),
})
const integer = (value: number): Varbind => ({ oid: `${OID}.1`, type: TAG.integer, value })
const opaque = (hex: string): Varbind => ({
  oid: `${OID}.1`,
  type: TAG.opaque,
  value: Buffer.from(hex, 'hex'),
})
const read = (more: Partial<Metric>, cell: Varbind, cells: Record<string, Varbind> = {}) =>
  readMetric(metricOf(more), cell, '1', (oid, index) => cells[`${oid}.${index}`])

const plainValue = (metric: Metric, cell: Varbind) => plainReader(metric)?.(cell)

describe('a number', () => {
  test('is scaled, then moved', () => {
    expect(plainValue(metricOf({ scale: 0.1, offset: -273 }), integer(2950))).toBeCloseTo(22)
    expect(plainValue(metricOf({ offset: 1 }), integer(2))).toBe(3)
    expect(plainValue(metricOf({ scale: 0 }), integer(2))).toBe(2)
  })

  test('may be a float in an Opaque, which says more than its type', () => {
    expect(plainValue(metricOf({}), opaque('9f78043f000000'))).toBe(0.5)
    expect(plainValue(metricOf({}), opaque('9f79083fe0000000000000'))).toBe(0.5)
  })

  test.each([
    ['a text', octets('5')],
    ['not a number', opaque('9f78047fc00000')],
    ['a float that is cut', opaque('9f78043f0000')],
    ['nothing', { oid: OID, type: TAG.null, value: null }],
  ])('is not read from %s', (_what, cell) => {
    expect(plainValue(metricOf({}), cell)).toBeUndefined()
    expect(read({}, cell)).toEqual([])
  })

  test('a date and a text by a pattern are plain ones, too', () => {
    const pattern = { type: 'ParseDateAndTime', dateTimePattern: '%Y' } as const
    expect(plainValue(metricOf(pattern), octets('1971'))).toBe(365 * 86_400)
    expect(plainValue(metricOf({ type: 'NTPTimeStamp' }), integer(5))).toBeUndefined()
    expect(plainValue(metricOf({ type: 'DateAndTime' }), integer(5))).toBeUndefined()
    expect(METRIC_TYPES.filter((type) => plainReader(metricOf({ type })) !== null)).toEqual([
      'gauge',
      'counter',
      'DateAndTime',
      'ParseDateAndTime',
      'NTPTimeStamp',
      'Float',
      'Double',
    ])
  })
})

describe('a text is a label of the metric’s own name, and the value 1', () => {
  test.each([
    ['OctetString', octets(Buffer.from('00ff', 'hex')), '0x00FF'],
    ['OctetString', octets(''), ''],
    ['DisplayString', octets('Zürich'), 'Zürich'],
    ['DisplayString', octets(Buffer.from('Zürich', 'latin1')), 'Zürich'],
    ['DisplayString', octets(Buffer.from('5afc0068', 'hex')), '5a:fc:00:68'],
    ['PhysAddress48', octets(Buffer.from('001a2b3c4d5e', 'hex')), '00:1A:2B:3C:4D:5E'],
    ['PhysAddress48', octets(''), '00:00:00:00:00:00'],
    ['DisplayString', integer(-5), '-5'],
    ['DisplayString', opaque('9f78043dcccccd'), '0.1'],
    ['DisplayString', opaque('9f790844b52d02c7e14af6'), '100000000000000000000000'],
    ['OctetString', opaque('0102'), '0x0102'],
    ['OctetString', { oid: OID, type: TAG.oid, value: '1.3.6.1' }, '1.3.6.1'],
  ] as const)('%s', (type, cell, text) => {
    expect(read({ type }, cell)).toEqual([{ name: 'm', value: 1, labels: { m: text } }])
  })

  test.each([
    [[10, 0, 0, 1], '10.0.0.1'],
    [[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
    [[1, 2, 3], ''],
  ])('an IpAddress of %j is its usual form', (bytes, text) => {
    const cell = { oid: OID, type: TAG.ipAddress, value: Buffer.from(bytes) }
    expect(read({ type: 'OctetString' }, cell)[0]?.labels).toEqual({ m: text })
  })

  test('in the form of a hint, where it fits; a hint is for octets without a form', () => {
    const cell = octets(Buffer.from('c0000201', 'hex'))
    const labels = (more: Partial<Metric>) => read(more, cell)[0]?.labels
    expect(labels({ type: 'OctetString', displayHint: '1d.' })).toEqual({ m: '192.0.2.1' })
    expect(labels({ type: 'OctetString', displayHint: 'd-2' })).toEqual({ m: '0xC0000201' })
    expect(labels({ type: 'PhysAddress48', displayHint: '1d.' })).toEqual({
      m: 'C0:00:02:01:00:00',
    })
  })

  test('of at most 1,024 characters', () => {
    const [reading] = read({ type: 'DisplayString' }, octets(`${'x'.repeat(1_023)}🎈`))
    expect(reading?.labels?.['m']).toBe(`${'x'.repeat(1_023)}\uFFFD`)
  })

  test('of the kind that the column before tells', () => {
    const before = (kind: number) => ({ '1.3.6.1.4.1.1.1.1': integer(kind) })
    const cell = octets(Buffer.from('c0000201', 'hex'))
    const labels = (more: Partial<Metric>, cells: Record<string, Varbind>) =>
      read(more, cell, cells)[0]?.labels
    expect(labels({ type: 'InetAddress' }, before(1))).toEqual({ m: '192.0.2.1' })
    expect(labels({ type: 'InetAddress' }, before(16))).toEqual({ m: '0xC0000201' })
    expect(labels({ type: 'InetAddress' }, {})).toEqual({ m: '0xC0000201' })
    expect(labels({ type: 'LldpPortId' }, before(3))).toEqual({ m: 'C0:00:02:01:00:00' })
  })

  test('that the row has already: then the value alone', () => {
    const index = { labelName: 'm', type: 'gauge', fixedSize: null, implied: false }
    const gone = { labels: [], labelName: 'm', oid: null, type: '' }
    const text = { type: 'DisplayString', indexes: [index] } as const
    expect(read(text, octets('x'))).toEqual([{ name: 'm', value: 1 }])
    expect(read({ ...text, lookups: [gone] }, octets('x'))[0]?.labels).toEqual({ m: 'x' })
    expect(read({ ...text, type: 'EnumAsInfo' }, integer(1))).toEqual([])
  })
})

describe('a regular expression makes numbers of a text', () => {
  const extract = (regex: string, value = '$1') => ({
    regex: compileRegex(regex, { isWhole: true }),
    value,
  })
  const values = (text: string, ...extracts: ReturnType<typeof extract>[]) =>
    read({ type: 'DisplayString', scale: 2, regexExtracts: { Temp: extracts } }, octets(text))

  test('the first that matches and gives one counts; scaled', () => {
    const all = [extract('(.*)C'), extract('.*', '7'), extract('.*', '8')]
    expect(values('21.5C', ...all)).toEqual([{ name: 'mTemp', value: 43 }])
    expect(values('hotC', ...all)).toEqual([{ name: 'mTemp', value: 14 }])
  })

  test('none where none matches', () => {
    expect(values('x', extract('(\\d+)'))).toEqual([])
    expect(values('x', extract('(.*)'))).toEqual([])
    expect(values('x', extract('.*', 'NaN'))).toEqual([])
    expect(values('1e999', extract('(.*)'))).toEqual([])
  })

  test.each([
    ['(1)(2)', '$2$1', 42],
    ['(1)(2)', '${1}0', 20],
    ['(1)(2)', '$1x5', undefined],
    ['(?P<a>1)(2)', '$a.${a}', 2.2],
    ['(1)(2)', '5$9', 10],
    ['(1)(2)', '1$$', undefined],
  ])('%s filled into %s', (regex, template, value) => {
    expect(values('12', extract(regex, template))[0]?.value).toBe(value)
  })
})

describe('an enumeration', () => {
  const enumValues = { 1: 'up', 2: 'down', 3: 'down' }

  test('as information is 1, with the state or its number as a label', () => {
    const info = { type: 'EnumAsInfo', enumValues } as const
    expect(read(info, integer(2))).toEqual([{ name: 'm_info', value: 1, labels: { m: 'down' } }])
    expect(read(info, integer(9))).toEqual([{ name: 'm_info', value: 1, labels: { m: '9' } }])
    expect(read(info, octets('1'))).toEqual([])
  })

  test('as a set of states is one sample for each', () => {
    const set = metricOf({ type: 'EnumAsStateSet', enumValues: { 1: 'up', 2: 'down' } })
    const states = (value: number) =>
      readMetric(set, integer(value), '1', () => undefined).map((r) => [r.labels?.['m'], r.value])
    expect(states(2)).toEqual([
      ['down', 1],
      ['up', 0],
    ])
    expect(states(7)).toEqual([
      ['7', 1],
      ['up', 0],
      ['down', 0],
    ])
  })

  test('two numbers of one state are one sample', () => {
    const readings = read({ type: 'EnumAsStateSet', enumValues }, integer(2))
    expect(readings.map(({ labels, value }) => [labels?.['m'], value])).toEqual([
      ['down', 1],
      ['up', 0],
    ])
  })

  test('gives the same label object for the same state, which series are known by', () => {
    const set = metricOf({ type: 'EnumAsStateSet', enumValues })
    const labels = () => readMetric(set, integer(1), '1', () => undefined).map((r) => r.labels)
    for (const [i, each] of labels().entries()) expect(each).toBe(labels()[i])
  })
})

test('bits count from the highest of the first octet; missing ones are 0', () => {
  const bits = { type: 'Bits', enumValues: { 0: 'a', 7: 'b', 8: 'c', 20: 'd' } } as const
  const states = (cell: Varbind) => read(bits, cell).map((r) => [r.labels?.['m'], r.value])
  expect(states(octets(Buffer.from('8180', 'hex')))).toEqual([
    ['a', 1],
    ['b', 1],
    ['c', 1],
    ['d', 0],
  ])
  expect(states(octets('')).every(([, value]) => value === 0)).toBe(true)
  expect(states(integer(1))).toEqual([])
})

test('the columns that a metric needs: of its lookups, and those in front of combined types', () => {
  const lookup = { labels: ['i'], labelName: 'l', oid: '1.3.9', type: 'InetAddress' }
  const gone = { labels: [], labelName: 'l', oid: null, type: '' }
  expect(columnsNeeded(metricOf({ type: 'LldpPortId', lookups: [lookup, gone] }))).toEqual([
    '1.3.6.1.4.1.1.1',
    '1.3.9',
    '1.3.8',
  ])
  expect(columnsNeeded(metricOf({}))).toEqual([])
})
