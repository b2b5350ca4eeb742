import { describe, expect, it, test } from 'vitest'
import { definitionOf } from '../../../../../lib/inventory/edits/state.ts'
import { noticesAbout } from '../../../../../lib/inventory/edits/worth-a-look.ts'
import { after, filesOf, overFiles, planOf, stateOf } from '../../../../fakes/device-files.ts'

const core = { id: 'core', name: 'Core', address: '10.0.0.1', branch: 'HQ', region: 'East' }
const edge = { id: 'edge', address: '10.0.0.2', branch: 'Vake', region: 'West', parents: ['core'] }
const files = filesOf([core, edge])
const untouched = stateOf(files)

const refusalsOf = (...args: Parameters<typeof planOf>) =>
  planOf(...args).refusals.map(({ index, reason, field, message, other }) => ({
    index,
    reason,
    field,
    message,
    ...(other !== undefined && { other }),
  }))

describe('create', () => {
  it('adds a device that is filled in and checked as one of a file', () => {
    const state = after(untouched, {
      op: 'create',
      id: 'new',
      address: '10.0.0.3',
      parents: ['edge'],
    })
    expect(state.merged.inventory.get('new')).toMatchObject({ name: 'new', origin: 'api' })
  })

  it('may have the address and the name of another: each keeps its own status (F5)', () => {
    const twin = { op: 'create', id: 'twin', address: '10.0.0.1', name: 'Core' }
    expect(refusalsOf(untouched, [twin])).toEqual([])
    const notices = noticesAbout(planOf(untouched, [twin]).state, new Set(['twin']), null)
    expect(notices.map(({ kind, devices }) => [kind, devices])).toEqual([
      ['shared-address', ['core', 'twin']],
      ['shared-name', ['core', 'twin']],
    ])
  })

  it('of an id that is taken is a conflict that names the other device', () => {
    expect(refusalsOf(untouched, [{ op: 'create', id: 'core', address: '10.0.0.9' }])).toEqual([
      {
        index: 0,
        reason: 'conflict',
        field: 'id',
        message: 'the id is taken by "Core" (10.0.0.1, HQ)',
        other: 'core',
      },
    ])
  })

  it('of an id that was deleted is a conflict that says so', () => {
    const deleted = after(untouched, { op: 'delete', id: 'edge' })
    const [refusal] = refusalsOf(deleted, [{ op: 'create', id: 'edge', address: '10.0.0.9' }])
    expect(refusal).toMatchObject({ reason: 'conflict', other: 'edge' })
    expect(refusal?.message).toBe(
      'a device of this id was deleted by nino at 1970-01-01T00:00:01.000Z: restore it, or take another id',
    )
  })

  it('of an id that the API added and deleted takes its place', () => {
    const added = after(untouched, { op: 'create', id: 'new', address: '10.0.0.3', branch: 'Vake' })
    const gone = after(added, { op: 'delete', id: 'new' })
    const again = after(gone, { op: 'create', id: 'new', address: '10.0.0.4' })
    expect(again.merged.inventory.get('new')).toMatchObject({ address: '10.0.0.4', branch: '' })
  })

  test.each([
    [{ parents: ['cor'] }, 'parents', 'no device has the id "cor", did you mean core?'],
    [{ parents: ['new'] }, 'parents', "a device can't be behind itself: new → new"],
    [{ address: '10.0.0.300' }, 'address', 'expected an IP address or a host name'],
    [{ snmp: { modules: ['systm'] } }, 'snmp.modules', 'did you mean system?'],
    [{ snmp: { credentials: ['cor'] } }, 'snmp.credentials', 'did you mean core?'],
    [{ ping: { interval: '1s', count: 5 } }, 'ping', 'count × timeout must fit in the interval'],
  ])('of %j is refused with the field', (fields, field, message) => {
    const [refusal, ...others] = refusalsOf(untouched, [
      { op: 'create', id: 'new', address: '10.0.0.3', ...fields },
    ])
    expect(refusal).toMatchObject({ index: 0, reason: 'invalid', field })
    expect(refusal?.message).toContain(message)
    expect(others).toEqual([])
  })
})

describe('change', () => {
  it('H3 of a device without its address is no conflict, nor with the address that it has', () => {
    const shared = after(untouched, { op: 'create', id: 'twin', address: '10.0.0.1' })
    for (const fields of [{ branch: 'Vake' }, { address: '10.0.0.1', name: 'Core 1' }])
      expect(refusalsOf(shared, [{ op: 'change', id: 'core', ...fields }])).toEqual([])
  })

  it('keeps what differs from the file, and goes on to follow it in everything else', () => {
    const all = {
      name: 'Core',
      branch: 'Vake',
      region: 'East',
      ping: { interval: '10s', count: 3 },
    }
    const state = after(untouched, { op: 'change', id: 'core', ...all })
    expect(definitionOf(state, 'core')?.fields).toEqual({ branch: 'Vake', ping: { count: 3 } })
    const moved = filesOf([{ ...core, region: 'North', branch: 'Gori' }, edge])
    expect(overFiles(state, moved).merged.inventory.get('core')).toMatchObject({
      region: 'North',
      branch: 'Vake',
    })
  })

  it('keeps what makes a difference only with another field of the change', () => {
    const profiles = { switch: { role: 'access' }, router: { role: 'edge' } }
    const over = filesOf([{ ...core, type: 'switch' }], { profiles })
    const state = after(stateOf(over), { op: 'change', id: 'core', type: 'router', role: 'access' })
    expect(state.merged.inventory.get('core')).toMatchObject({ type: 'router', role: 'access' })
  })

  it('with null takes back what was said; with nothing left the device is its file again', () => {
    const changed = after(untouched, { op: 'change', id: 'core', branch: 'Vake', region: 'West' })
    const half = after(changed, { op: 'change', id: 'core', branch: null })
    expect(definitionOf(half, 'core')?.fields).toEqual({ region: 'West' })
    const back = after(half, { op: 'change', id: 'core', region: 'East' })
    expect(back.edits.size).toBe(0)
    expect(back.merged.inventory).toBe(files.inventory)
  })

  it('of an added device keeps what it doesn’t name', () => {
    const added = after(untouched, { op: 'create', id: 'new', address: '10.0.0.3', branch: 'Vake' })
    const changed = after(added, { op: 'change', id: 'new', name: 'New', branch: null })
    expect(definitionOf(changed, 'new')?.fields).toEqual({ address: '10.0.0.3', name: 'New' })
    expect(refusalsOf(added, [{ op: 'change', id: 'new', address: null }])).toMatchObject([
      { reason: 'invalid', field: 'address' },
    ])
  })

  it('that makes a circle is refused, whichever end is changed', () => {
    const renamed = after(untouched, { op: 'change', id: 'edge', name: 'Edge' })
    for (const state of [untouched, renamed])
      expect(refusalsOf(state, [{ op: 'change', id: 'core', parents: ['edge'] }])).toEqual([
        {
          index: 0,
          reason: 'invalid',
          field: 'parents',
          message: "a device can't be behind itself: core → edge → core",
        },
      ])
  })

  it('of something else is possible while a parent is missing; of the parents it is not', () => {
    const behind = after(untouched, {
      op: 'create',
      id: 'new',
      address: '10.0.0.3',
      parents: ['edge'],
    })
    const orphaned = overFiles(behind, filesOf([core]))
    expect(orphaned.merged.inventory.get('new')?.parents).toEqual([])
    expect(refusalsOf(orphaned, [{ op: 'change', id: 'new', branch: 'Vake' }])).toEqual([])
    expect(refusalsOf(orphaned, [{ op: 'change', id: 'new', parents: ['edge'] }])).toMatchObject([
      { reason: 'invalid', field: 'parents' },
    ])
  })

  it('of nothing writes nothing', () => {
    expect(planOf(untouched, [{ op: 'change', id: 'core', branch: 'HQ' }]).writes).toEqual([])
  })
})

describe('delete', () => {
  it('H3 a deleted device stays deleted when its file is read again, and when it comes back to a file', () => {
    const deleted = after(untouched, { op: 'delete', id: 'edge' })
    for (const over of [filesOf([core, { ...edge, name: 'New name' }]), filesOf([core]), files])
      expect([...overFiles(deleted, over).merged.inventory.keys()]).toEqual(['core'])
  })

  it('of one that others are behind is a conflict that names them, unless they go, too', () => {
    expect(refusalsOf(untouched, [{ op: 'delete', id: 'core' }])).toEqual([
      {
        index: 0,
        reason: 'conflict',
        field: null,
        message: 'edge is behind it: give them other parents first, or delete them, too',
        other: 'edge',
      },
    ])
    const both = [
      { op: 'delete', id: 'core' },
      { op: 'delete', id: 'edge' },
    ]
    expect(refusalsOf(untouched, both)).toEqual([])
  })

  it('of one that is not there is refused', () => {
    const deleted = after(untouched, { op: 'delete', id: 'edge' })
    expect(refusalsOf(deleted, [{ op: 'delete', id: 'edge' }])).toMatchObject([
      { reason: 'not-found' },
    ])
    expect(refusalsOf(untouched, [{ op: 'delete', id: 'nobody' }])).toMatchObject([
      { reason: 'not-found' },
    ])
  })
})

describe('restore', () => {
  it('brings a device of a file back, with what the API said of it', () => {
    const deleted = after(after(untouched, { op: 'change', id: 'edge', name: 'Edge' }), {
      op: 'delete',
      id: 'edge',
    })
    const restored = after(deleted, { op: 'restore', id: 'edge' })
    expect(restored.merged.inventory.get('edge')).toMatchObject({ name: 'Edge', origin: 'both' })
    const plain = after(after(untouched, { op: 'delete', id: 'edge' }), {
      op: 'restore',
      id: 'edge',
    })
    expect(plain.merged.inventory).toBe(files.inventory)
  })

  it('brings an added device back as it was, without a parent that is no more', () => {
    const added = after(untouched, {
      op: 'create',
      id: 'new',
      address: '10.0.0.3',
      parents: ['edge'],
    })
    const gone = after(added, { op: 'delete', id: 'new' }, { op: 'delete', id: 'edge' })
    const restored = after(gone, { op: 'restore', id: 'new' })
    expect(restored.merged.inventory.get('new')).toMatchObject({
      address: '10.0.0.3',
      parents: [],
      origin: 'api',
    })
  })

  it('of one that is not deleted is a conflict', () => {
    expect(refusalsOf(untouched, [{ op: 'restore', id: 'core' }])).toMatchObject([
      { reason: 'conflict' },
    ])
  })
})

describe('many at once', () => {
  it('may depend on one another', () => {
    const items = [
      { op: 'create', id: 'child', address: '10.0.1.2', parents: ['parent'] },
      { op: 'create', id: 'parent', address: '10.0.1.1' },
    ]
    expect(refusalsOf(untouched, items)).toEqual([])
  })

  it('each problem has its item, and a device that stands there twice is one', () => {
    const items = [
      { op: 'create', id: 'a', address: '10.0.1.1' },
      { op: 'create', id: 'a', address: '10.0.1.2' },
      { op: 'change', id: 'nobody', branch: 'x' },
      { op: 'create', id: 'core', address: '10.0.1.3' },
    ]
    expect(refusalsOf(untouched, items)).toMatchObject([
      {
        index: 1,
        field: 'id',
        message: 'item 1 has this id, too: say once what is to become of a device',
      },
      { index: 2, reason: 'not-found' },
      { index: 3, reason: 'conflict' },
    ])
  })

  it('say what would change, key by key', () => {
    const { planned } = planOf(untouched, [
      { op: 'change', id: 'core', branch: 'Vake', ping: { interval: '30s' } },
    ])
    expect(planned).toEqual([
      {
        index: 0,
        op: 'change',
        id: 'core',
        changes: {
          branch: { before: 'HQ', after: 'Vake' },
          'ping.interval': { before: '10s', after: '30s' },
        },
      },
    ])
  })
})

describe('one who may see a part of the fleet', () => {
  const allows = ({ branch }: { branch: string }): boolean => branch === 'Vake'

  test.each([
    ['change', { op: 'change', id: 'core', name: 'x' }, 'not-found'],
    ['delete', { op: 'delete', id: 'core' }, 'not-found'],
    ['restore', { op: 'restore', id: 'core' }, 'not-found'],
    ['move out', { op: 'change', id: 'edge', branch: 'HQ' }, 'forbidden'],
    ['create outside', { op: 'create', id: 'n', address: '10.0.0.3' }, 'forbidden'],
    [
      'put a device behind one outside',
      { op: 'create', id: 'n', address: '10.0.0.3', branch: 'Vake', parents: ['core'] },
      'invalid',
    ],
    [
      'take an id outside',
      { op: 'create', id: 'core', address: '10.0.0.3', branch: 'Vake' },
      'conflict',
    ],
  ])('can not %s', (_, item, reason) => {
    const [refusal, ...others] = planOf(untouched, [item], { allows }).refusals
    expect(refusal?.reason).toBe(reason)
    expect(refusal?.message).not.toMatch(/Core|10\.0\.0\.1|HQ \(/)
    expect(others).toEqual([])
  })

  it('can change what is theirs, which keeps the parent that they do not see', () => {
    const edit = { op: 'change', id: 'edge', name: 'Edge', parents: ['core'] }
    expect(planOf(untouched, [edit], { allows }).refusals).toEqual([])
  })

  it('is not told which devices outside are behind one of theirs', () => {
    const over = stateOf(
      filesOf([
        { ...core, branch: 'Vake' },
        { ...edge, branch: 'HQ' },
      ]),
    )
    const [refusal] = planOf(over, [{ op: 'delete', id: 'core' }], { allows }).refusals
    expect(refusal).toMatchObject({ reason: 'conflict' })
    expect(refusal?.message).not.toContain('edge')
    expect(refusal?.other).toBeUndefined()
  })
})

describe('the version of a definition', () => {
  const versionOf = (state: typeof untouched) => definitionOf(state, 'core')?.version

  it('differs after each change by the API or in the file, and not by those of other devices', () => {
    const changed = after(untouched, { op: 'change', id: 'core', branch: 'Vake' })
    const other = after(untouched, { op: 'change', id: 'edge', branch: 'HQ' })
    const inFile = stateOf(filesOf([{ ...core, name: 'Other' }, edge]))
    expect(versionOf(other)).toBe(versionOf(untouched))
    expect(new Set([untouched, changed, inFile].map(versionOf)).size).toBe(3)
  })
})
