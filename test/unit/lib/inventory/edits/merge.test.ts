import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { EDIT_KINDS, readEdit } from '../../../../../lib/inventory/edits/edit.ts'
import { fitEdit, rememberingFit } from '../../../../../lib/inventory/edits/fit.ts'
import { mergeEdits } from '../../../../../lib/inventory/edits/merge.ts'
import { filesOf, stateOf } from '../../../../fakes/device-files.ts'

const core = { id: 'core', address: '10.0.0.1', branch: 'HQ', snmp: { credentials: ['core'] } }
const edge = { id: 'edge', address: '10.0.0.2', branch: 'HQ', parents: ['core'] }
const files = filesOf([core, edge])

const entry = (id: string, kind: string, fields: object = {}): string =>
  JSON.stringify({ id, kind, fields, at: 1, who: 'nino' })

/** What the edits, given as [kind, fields] by id, make of the files. */
const merged = (given: Record<string, [string, object?]>, over = files) =>
  stateOf(
    over,
    Object.fromEntries(
      Object.entries(given).map(([id, [kind, fields]]) => [id, entry(id, kind, fields)]),
    ),
  ).merged

const effects = ({ misfits }: ReturnType<typeof merged>) =>
  misfits.map(({ device, field, effect }) => [device, field, effect])

describe('devices of files and of the API', () => {
  it('are the very inventory of the files where the API says nothing', () => {
    expect(merged({}).inventory).toBe(files.inventory)
  })

  it('stand in the order of the files, then those that the API added, by id', () => {
    const { inventory } = merged({
      z: ['added', { address: '10.0.1.1' }],
      b: ['added', { address: '10.0.1.2' }],
      core: ['changed', { name: 'Core' }],
    })
    expect([...inventory.keys()]).toEqual(['core', 'edge', 'b', 'z'])
  })

  it('say who says so', () => {
    const { inventory } = merged({
      b: ['added', { address: '10.0.1.2' }],
      core: ['changed', { name: 'Core' }],
    })
    expect([...inventory.values()].map(({ origin }) => origin)).toEqual(['both', undefined, 'api'])
    expect(inventory.get('edge')).toBe(files.inventory.get('edge'))
  })

  it('are filled in by the same defaults and profiles', () => {
    const over = filesOf([core], {
      defaults: { region: 'East' },
      profiles: { switch: { ping: { interval: '30s' } } },
    })
    const { inventory } = merged({ s: ['added', { address: '10.0.1.1', type: 'switch' }] }, over)
    expect(inventory.get('s')).toMatchObject({ region: 'East', ping: { intervalMs: 30_000 } })
  })
})

describe('who wins', () => {
  it('a change wins over the file in the fields that it names, and in no other', () => {
    const { inventory } = merged({ core: ['changed', { branch: 'Vake', snmp: { port: 1161 } }] })
    expect(inventory.get('core')).toMatchObject({
      branch: 'Vake',
      address: '10.0.0.1',
      snmp: { port: 1161, credentials: ['core'] },
    })
  })

  it('a deleted device is deleted, whatever files say', () => {
    const found = merged({ edge: ['deleted'] })
    expect([...found.inventory.keys()]).toEqual(['core'])
    expect(found.misfits).toEqual([])
  })

  it('an added device that a file defines later: what the API says of it, over the file, and it is told', () => {
    const found = merged({ edge: ['added', { address: '10.9.9.9', name: 'Mine' }] })
    expect(found.inventory.get('edge')).toMatchObject({
      address: '10.9.9.9',
      name: 'Mine',
      branch: 'HQ',
      origin: 'both',
    })
    expect(effects(found)).toEqual([['edge', 'id', 'doubled']])
  })

  it('an added device that was deleted does not hide one of a file', () => {
    expect(merged({ edge: ['removed', { address: '10.9.9.9' }] }).inventory.get('edge')).toBe(
      files.inventory.get('edge'),
    )
  })

  it('a change of a device that no file has any more waits for it', () => {
    const found = merged({ gone: ['changed', { branch: 'Vake' }] })
    expect(found.inventory.has('gone')).toBe(false)
    expect(effects(found)).toEqual([['gone', null, 'waiting']])
  })
})

describe('what does not fit (any more)', () => {
  test.each([
    ['an unknown module', { snmp: { modules: ['x'] } }, 'snmp.modules'],
    ['unknown credentials', { snmp: { credentials: ['x'] } }, 'snmp.credentials'],
    ['probes longer than their interval', { ping: { interval: '1s', count: 20 } }, 'ping'],
    ['no address', { address: '10.0.0.300' }, 'address'],
  ])('%s is left out, and the rest of the change is in force', (_, fields, field) => {
    const found = merged({ core: ['changed', { ...fields, branch: 'Vake' }] })
    expect(found.inventory.get('core')).toEqual({
      ...files.inventory.get('core'),
      branch: 'Vake',
      origin: 'both',
    })
    expect(effects(found)).toEqual([['core', field, 'left-out']])
  })

  it('where leaving out does not help, the edit is set aside and the file is in force', () => {
    const over = filesOf([core], { profiles: { slow: { ping: { interval: '1s', count: 20 } } } })
    const found = merged({ core: ['changed', { type: 'slow', branch: 'Vake' }] }, over)
    expect(found.inventory.get('core')).toBe(over.inventory.get('core'))
    expect(effects(found)).toEqual([['core', 'ping', 'set-aside']])
  })

  it('an added device without an address that can be one is not there', () => {
    const found = merged({ x: ['added', { address: '10.0.0.1 -' }] })
    expect(found.inventory.has('x')).toBe(false)
    expect(effects(found)).toEqual([['x', 'address', 'set-aside']])
  })

  it('a parent that is not there is left out, also of a device of a file', () => {
    const found = merged({
      core: ['deleted'],
      b: ['added', { address: '10.0.1.1', parents: ['nobody', 'edge'] }],
    })
    expect(found.inventory.get('edge')?.parents).toEqual([])
    expect(found.inventory.get('b')?.parents).toEqual(['edge'])
    expect(found.misfits.map(({ device, message }) => `${device}: ${message}`)).toEqual([
      'edge: no device has the id "core"',
      'b: no device has the id "nobody"',
    ])
  })

  it('in a circle the parents of the file hold, and of others none', () => {
    const found = merged({
      core: ['changed', { parents: ['edge'] }],
      edge: ['changed', { name: 'Edge' }],
      x: ['added', { address: '10.0.1.1', parents: ['y'] }],
      y: ['added', { address: '10.0.1.2', parents: ['x'] }],
    })
    expect([...found.inventory].map(([id, { parents }]) => [id, parents])).toEqual([
      ['core', []],
      ['edge', ['core']],
      ['x', []],
      ['y', []],
    ])
    expect(effects(found)).toEqual([
      ['core', 'parents', 'left-out'],
      ['x', 'parents', 'left-out'],
      ['y', 'parents', 'left-out'],
    ])
  })
})

test.each([
  ['no JSON', 'id', '{'],
  ['another id', 'id', entry('other', 'deleted')],
  ['an unknown kind', 'a', entry('a', 'gone')],
  ['an unknown field', 'a', entry('a', 'changed', { colour: 'red' })],
  ['an added device without address', 'a', entry('a', 'added')],
])('a kept text with %s makes no sense, and says why', (_, id, text) => {
  expect(readEdit(id, text)).toEqual({ reason: expect.stringContaining('expected') as string })
})

describe('for any files and edits', () => {
  const ids = ['a', 'b', 'c', 'd', 'e']
  const id = fc.constantFrom(...ids)
  const parents = fc.uniqueArray(fc.constantFrom(...ids, 'nobody'), { maxLength: 2 })
  const fields = fc.record(
    {
      address: fc.constantFrom('10.0.0.1', '10.0.0.2', 'not an address'),
      branch: fc.constantFrom('Vake', ''),
      type: fc.constantFrom('switch', 'router'),
      parents,
      snmp: fc.constantFrom(true, false, { modules: ['nothing'] }, { port: 1161 }),
      ping: fc.constantFrom({ interval: '1s' }, { count: 20 }, {}),
    },
    { requiredKeys: [] },
  )
  const edits = fc.array(fc.tuple(id, fc.constantFrom(...EDIT_KINDS), fields), { maxLength: 6 })
  // Behind lower ones alone: files without a circle.
  const anyFiles = fc
    .uniqueArray(fc.integer({ min: 0, max: 4 }), { maxLength: 5 })
    .map((numbers) => {
      const sorted = numbers.toSorted((one, other) => one - other)
      return filesOf(
        sorted.map((number, index) => ({
          id: ids[number],
          address: '10.0.0.9',
          ...(index > 0 && { parents: [ids[sorted[index - 1] ?? 0]] }),
        })),
        { profiles: { switch: { ping: { timeout: '600ms' } } } },
      )
    })
  const readAll = (given: readonly (readonly [string, string, object])[]) =>
    given.flatMap(([of, kind, some]) => {
      const read = readEdit(of, entry(of, kind, some))
      return 'reason' in read ? [] : [[of, read] as const]
    })

  it('merging is the same whatever the order of the edits, and whatever was merged before', () => {
    fc.assert(
      fc.property(anyFiles, edits, fc.infiniteStream(fc.nat()), (over, given, order) => {
        const read = new Map(readAll(given))
        const shuffled = [...read]
          .map((each) => ({ each, by: order.next().value }))
          .toSorted((one, other) => one.by - other.by)
          .map(({ each }) => each)
        const fit = rememberingFit()
        mergeEdits(files, read, fit)
        const one = mergeEdits(over, read, fitEdit)
        const other = mergeEdits(over, new Map(shuffled), fit)
        expect(JSON.stringify([...other.inventory])).toBe(JSON.stringify([...one.inventory]))
        expect(other.misfits).toEqual(one.misfits)
      }),
    )
  })

  it('each parent is there, nothing is behind itself, and no device of a file is lost but the deleted', () => {
    fc.assert(
      fc.property(anyFiles, edits, (over, given) => {
        const read = new Map(readAll(given))
        const { inventory } = mergeEdits(over, read, fitEdit)
        const depth = (of: string, seen: readonly string[]): void => {
          expect(seen).not.toContain(of)
          for (const parent of inventory.get(of)?.parents ?? []) depth(parent, [...seen, of])
        }
        for (const [of, { parents: own }] of inventory) {
          for (const parent of own) expect(inventory.has(parent)).toBe(true)
          depth(of, [])
        }
        for (const of of over.inventory.keys())
          expect(inventory.has(of)).toBe(read.get(of)?.kind !== 'deleted')
      }),
    )
  })
})
