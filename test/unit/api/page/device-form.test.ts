import { describe, expect, test } from 'vitest'
import type { Json } from './modules.ts'

const page = (name: string): Promise<unknown> =>
  import(new URL(`../../../../api/page/dialogs/${name}`, import.meta.url).href)
const { valuesOf, patchOf } = (await page('device-values.js')) as {
  valuesOf(device: Json | null): Json
  patchOf(before: Json, after: Json): Json
}
const { kindOf, operationsOf, rowsOf, countsOf } = (await page('bulk-file.js')) as {
  kindOf(name: string, text: string): string
  operationsOf(value: unknown, isThere: (id: string) => boolean): unknown
  rowsOf(plan: { items: Json[]; problems: Json[] }): Json[]
  countsOf(plan: { items: Json[] }): Json
}

const gori = {
  id: 'gori-1',
  name: 'Gori router',
  address: '198.18.7.1',
  branch: 'Gori',
  parents: ['core'],
  tags: [],
  ping: { interval: '30s', confirm: 3 },
  snmp: { credentials: ['c'], modules: ['if_mib'], interval: '5m' },
  enabled: true,
}

describe('what a form changes', () => {
  const before = valuesOf(gori)

  test.each<[string, Json, Json]>([
    ['nothing', {}, {}],
    ['a text, and one that is emptied', { branch: '', role: 'edge' }, { branch: '', role: 'edge' }],
    ['a list', { parents: [] }, { parents: [] }],
    ['a key of a section alone', { 'ping.confirm': '5' }, { ping: { confirm: 5 } }],
    [
      'what is emptied in a section is taken back',
      { 'ping.interval': '' },
      { ping: { interval: null } },
    ],
    ['SNMP is switched off', { snmp: 'off', 'snmp.interval': '1m' }, { snmp: false }],
    ['how it is polled', { 'snmp.credentials': ['c', 'd'] }, { snmp: { credentials: ['c', 'd'] } }],
    ['whether it is monitored', { enabled: false }, { enabled: false }],
  ])('%s', (_, changes, patch) => {
    expect(patchOf(before, { ...before, ...changes })).toEqual(patch)
  })

  test('SNMP that was off is switched on', () => {
    const off = valuesOf({ ...gori, snmp: false })

    expect(patchOf(off, { ...off, snmp: 'on' })).toEqual({ snmp: true })
    expect(patchOf(off, { ...off, snmp: 'on', 'snmp.modules': ['system'] })).toEqual({
      snmp: { modules: ['system'] },
    })
  })

  test('of a device that is added only what is filled in is said', () => {
    const none = valuesOf(null)

    expect(patchOf(none, { ...none, address: '198.18.0.9', tags: ['atm'] })).toEqual({
      address: '198.18.0.9',
      tags: ['atm'],
    })
  })
})

test.each([
  ['devices.json', '', 'json'],
  ['devices.CSV', '[', 'csv'],
  ['', ' [{"id":"a"}]', 'json'],
  ['', '{"devices":[]}', 'json'],
  ['', 'id,address', 'csv'],
])('a file %j that begins with %j is %s', (name, text, kind) => {
  expect(kindOf(name, text)).toBe(kind)
})

test('devices of a JSON are added, those that are there are changed, and what says its operation has it', () => {
  const devices = [{ id: 'a', branch: 'Vake' }, { id: 'b' }, { op: 'delete', id: 'c' }, 7]
  const wanted = [
    { op: 'change', id: 'a', branch: 'Vake' },
    { op: 'create', id: 'b' },
    { op: 'delete', id: 'c' },
    7,
  ]

  expect(operationsOf({ devices }, (id) => id === 'a')).toEqual(wanted)
  expect(operationsOf(devices, (id) => id === 'a')).toEqual(wanted)
  expect(operationsOf('devices', () => false)).toBe('devices')
})

describe('the table of a dry run', () => {
  const item = (line: number, op: string, changes: Json = {}) => {
    return { index: line - 2, line, op, id: `d${line}`, changes }
  }
  const problem = (line: number | null, message: string) => {
    return { index: line === null ? null : line - 2, line, device: null, field: null, message }
  }

  test('has what is wrong first, several problems of a line together, then line by line', () => {
    const rows = rowsOf({
      items: [item(4, 'create'), item(2, 'create')],
      problems: [problem(3, 'one'), problem(3, 'two'), problem(null, 'of the whole')],
    })

    expect(rows.map(({ line, problems }) => [line, (problems as Json[]).length])).toEqual([
      [null, 1],
      [3, 2],
      [2, 0],
      [4, 0],
    ])
  })

  test('counts what is done, and of how many nothing is', () => {
    const changed = { branch: { before: 'a', after: 'b' } }
    const items = [item(2, 'create'), item(3, 'change', changed), item(4, 'change')]

    expect(countsOf({ items })).toEqual({
      create: 1,
      change: 1,
      delete: 0,
      restore: 0,
      unchanged: 1,
    })
  })
})
