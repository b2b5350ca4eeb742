import { describe, expect, test } from 'vitest'
import { indexToLabels } from '../../../../../collector/snmp/values/index-labels.ts'
import type { Index, Lookup } from '../../../../../collector/snmp/module.ts'
import { TAG, type Varbind } from '../../../../../collector/snmp/protocol/varbind.ts'

const index = (labelName: string, type: string, more: Partial<Index> = {}): Index => ({
  labelName,
  type,
  fixedSize: null,
  implied: false,
  ...more,
})
const lookup = (labels: string[], labelName: string, oid: string, type: string): Lookup => ({
  labels,
  labelName,
  oid,
  type,
})
const subIds = (text: string): number[] => (text === '' ? [] : text.split('.').map(Number))
const octets = (text: string): Varbind => ({
  oid: '',
  type: TAG.octetString,
  value: Buffer.from(text),
})
const integer = (value: number): Varbind => ({ oid: '', type: TAG.integer, value })
const labelsOf = (
  row: string,
  indexes: Index[],
  lookups: Lookup[] = [],
  cells: Record<string, Varbind> = {},
) => indexToLabels(subIds(row), { indexes, lookups }, (oid, at) => cells[`${oid}.${at}`])

describe('an index', () => {
  test.each([
    ['gauge', '7', {}, '7'],
    ['Integer32', '4294967295', {}, '4294967295'],
    ['gauge', '', {}, '0'],
    ['DisplayString', '3.97.98.99', {}, 'abc'],
    ['DisplayString', '0', {}, ''],
    ['DisplayString', '97.98', { fixedSize: 2 }, 'ab'],
    ['DisplayString', '97.98.99', { implied: true }, 'abc'],
    ['DisplayString', '2.195.188', {}, 'ü'],
    ['DisplayString', '2.252.233', {}, 'üé'],
    ['OctetString', '2.1.255', {}, '0x01FF'],
    ['OctetString', '1.511', {}, '0xFF'],
    ['OctetString', '0', {}, ''],
    ['PhysAddress48', '0.26.43.60.77.94', {}, '00:1A:2B:3C:4D:5E'],
    ['PhysAddress48', '0.26.43', {}, '00:1A:2B:00:00:00'],
    ['InetAddressIPv4', '10.0.0.1', {}, '10.0.0.1'],
    ['InetAddress', '1.4.10.0.0.1', {}, '10.0.0.1'],
    [
      'InetAddress',
      '2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1',
      {},
      '2001:0DB8:0000:0000:0000:0000:0000:0001',
    ],
    ['InetAddress', '16.3.97.46.98', {}, '0x1003612E62'],
    ['InetAddressMissingSize', '1.10.0.0.1', {}, '10.0.0.1'],
    ['InetAddressMissingSize', '3.1.2', {}, '0x030102'],
    ['EnumAsInfo', '2', { enumValues: { 2: 'two' } }, 'two'],
    ['EnumAsInfo', '3', { enumValues: { 2: 'two' } }, '3'],
    ['OctetString', '4.192.0.2.1', { displayHint: '1d.' }, '192.0.2.1'],
    ['OctetString', '192.0.2.1', { displayHint: '1d.', implied: true }, '192.0.2.1'],
  ])('%s of %s', (type, row, more, text) => {
    expect(labelsOf(row, [index('label', type, more)])).toEqual({ label: text })
  })

  test('takes what it needs, and the next one begins there', () => {
    const indexes = [
      index('a', 'DisplayString'),
      index('b', 'InetAddress'),
      index('c', 'PhysAddress48'),
      index('d', 'gauge'),
    ]
    expect(labelsOf('2.104.105.1.4.10.0.0.1.1.2.3.4.5.6.9', indexes)).toEqual({
      a: 'hi',
      b: '10.0.0.1',
      c: '01:02:03:04:05:06',
      d: '9',
    })
  })

  test('that claims a length of four billion costs nothing', () => {
    const { label = '' } = labelsOf('4294967295.1', [index('label', 'OctetString')])
    expect(label).toHaveLength(1_024)
  })
})

describe('a lookup', () => {
  const number = index('number', 'gauge')

  test('goes by one index or several, and overwrites a label of its name', () => {
    const cells = { '1.1.7': octets('eth0'), '1.2.7.8': integer(5) }
    const lookups = [
      lookup(['number', 'other'], 'both', '1.2', 'gauge'),
      lookup(['number'], 'number', '1.1', 'DisplayString'),
    ]
    expect(labelsOf('7.8', [number, index('other', 'gauge')], lookups, cells)).toEqual({
      number: 'eth0',
      other: '8',
      both: '5',
    })
  })

  test('goes by a number that an earlier one gave, also when its label is gone', () => {
    const cells = { '1.1.7': integer(12), '1.2.12': octets('voice') }
    const lookups = [
      lookup(['number'], 'config', '1.1', 'gauge'),
      { ...lookup([], 'config', '', ''), oid: null },
      { ...lookup([], 'number', '', ''), oid: null },
      lookup(['config'], 'class', '1.2', 'DisplayString'),
    ]
    expect(labelsOf('7', [number], lookups, cells)).toEqual({ class: 'voice' })
  })

  test('goes by the whole of an index: its length and kind, too', () => {
    const cells = { '1.1.3.97.98.99': octets('x'), '1.2.1.4.10.0.0.1': octets('y') }
    const lookups = [
      lookup(['text'], 'a', '1.1', 'DisplayString'),
      lookup(['address'], 'b', '1.2', 'DisplayString'),
    ]
    const indexes = [index('text', 'DisplayString'), index('address', 'InetAddress')]
    const labels = labelsOf('3.97.98.99.1.4.10.0.0.1', indexes, lookups, cells)
    expect(labels).toMatchObject({ a: 'x', b: 'y' })
  })

  test('that finds nothing gives an empty label, and none to go by', () => {
    const lookups = [
      lookup(['number'], 'config', '1.1', 'gauge'),
      lookup(['config'], 'class', '1.2', 'DisplayString'),
    ]
    expect(labelsOf('7', [number], lookups, { '1.2': octets('x') })).toEqual({
      number: '7',
      config: '',
      class: '',
    })
  })

  test('of a text gives the number 0 to go by, as in snmp_exporter', () => {
    const cells = { '1.1.7': octets('a'), '1.2.0': octets('zero') }
    const lookups = [
      lookup(['number'], 'text', '1.1', 'DisplayString'),
      lookup(['text'], 'next', '1.2', 'DisplayString'),
    ]
    expect(labelsOf('7', [number], lookups, cells)).toMatchObject({ text: 'a', next: 'zero' })
  })

  test('is of the kind that the column before tells', () => {
    const cells = {
      '1.4.7': integer(1),
      '1.5.7': { oid: '', type: TAG.octetString, value: Buffer.from([10, 0, 0, 1]) },
    }
    const lookups = [lookup(['number'], 'address', '1.5', 'InetAddress')]
    expect(labelsOf('7', [number], lookups, cells)).toMatchObject({ address: '10.0.0.1' })
  })

  test('names the states of an enumeration, where it has names', () => {
    const named = { ...lookup(['number'], 'state', '1.1', 'EnumAsInfo'), enumValues: { 1: 'up' } }
    expect(labelsOf('7', [number], [named], { '1.1.7': integer(1) })).toMatchObject({ state: 'up' })
    expect(labelsOf('7', [number], [named], { '1.1.7': integer(2) })).toMatchObject({ state: '2' })
  })
})
