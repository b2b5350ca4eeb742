import { describe, expect, test } from 'vitest'
import { readCreate } from '../../../../../lib/inventory/edits/operation.ts'
import { after, filesOf, planOf, stateOf } from '../../../../fakes/device-files.ts'

const allows = ({ branch }: { branch: string }): boolean => branch === 'Vake'

const core = { id: 'core', address: '10.0.0.1', branch: 'HQ' }
const near = { id: 'near', address: '10.0.0.2', branch: 'Vake' }
const next = { id: 'next', address: '10.0.0.3', branch: 'Vake' }
const edge = { id: 'edge', address: '10.0.0.4', branch: 'Vake', parents: ['core', 'near'] }
const untouched = stateOf(filesOf([core, near, next, edge]))

describe('the parents that one of a part of the fleet does not see', () => {
  const parentsAfter = (state: typeof untouched, item: object) => {
    const { refusals, state: then } = planOf(state, [item], { allows })
    return { refusals, parents: then.merged.inventory.get('edge')?.parents }
  }

  test.each([
    ['one is added', ['near', 'next'], ['core', 'near', 'next']],
    ['one is replaced', ['next'], ['core', 'next']],
    ['all are taken away', [], ['core']],
  ])('H5 stay when of those in sight %s', (_, parents, expected) => {
    const told = parentsAfter(untouched, { op: 'change', id: 'edge', parents })
    expect(told).toEqual({ refusals: [], parents: expected })
  })

  test('stay when what the API says of parents is taken back', () => {
    const other = { id: 'other', address: '10.0.0.5', branch: 'HQ' }
    const parents = ['other', 'next']
    const state = after(stateOf(filesOf([core, other, near, next, edge])), {
      op: 'change',
      id: 'edge',
      parents,
    })
    expect(parentsAfter(state, { op: 'change', id: 'edge', parents: null })).toEqual({
      refusals: [],
      parents: ['other', 'core', 'near'],
    })
  })

  test('stay behind a device that the API added, and where a profile gives them', () => {
    const profiles = { switch: { parents: ['core'] } }
    const over = stateOf(filesOf([core, near, { ...edge, parents: undefined }], { profiles }))
    const added = { op: 'create', id: 'new', address: '10.0.0.9', branch: 'Vake', type: 'switch' }
    const change = { op: 'change', id: 'new', parents: ['near'] }
    const { state, refusals } = planOf(after(over, added), [change], { allows })
    expect([refusals, state.merged.inventory.get('new')?.parents]).toEqual([[], ['core', 'near']])
  })

  test('are no change when those in sight stay, too', () => {
    const same = { op: 'change', id: 'edge', parents: ['near'] }
    expect(planOf(untouched, [same], { allows }).writes).toEqual([])
  })

  test('go when one who sees everything says so', () => {
    const state = after(untouched, { op: 'change', id: 'edge', parents: ['near'] })
    expect(state.merged.inventory.get('edge')?.parents).toEqual(['near'])
  })
})

describe('what one of a part of the fleet is told that can not be', () => {
  const circle = "a device can't be behind itself: "
  const elsewhere = `${circle}it would be through devices outside of your part of the fleet`
  const refusalsOf = (state: typeof untouched, item: object) =>
    planOf(state, [item], { allows }).refusals.map(({ reason, field, message, other }) => [
      reason,
      field,
      message,
      other,
    ])

  test('H5 names no device outside of it that a circle goes through', () => {
    const state = stateOf(filesOf([{ ...core, parents: ['near'] }, near, edge]))
    expect(refusalsOf(state, { op: 'change', id: 'near', parents: ['edge'] })).toEqual([
      ['invalid', 'parents', elsewhere, undefined],
    ])
  })

  test('names none either where others would have to give way', () => {
    const over = stateOf(filesOf([core, { ...near, parents: ['edge'] }, { ...edge, parents: [] }]))
    const state = after(
      over,
      { op: 'change', id: 'near', parents: [] },
      { op: 'change', id: 'core', parents: ['near'] },
      { op: 'change', id: 'edge', parents: ['core'] },
    )
    expect(refusalsOf(state, { op: 'change', id: 'near', parents: ['edge'] })).toEqual([
      ['conflict', 'parents', elsewhere, undefined],
    ])
  })

  test('of a parent outside of it is what they are told of one that nobody has', () => {
    const behind = { ...core, parents: ['near'] }
    const state = stateOf(filesOf([behind, near]))
    for (const parent of ['core', 'nobody'])
      expect(refusalsOf(state, { op: 'change', id: 'near', parents: [parent] })).toEqual([
        ['invalid', 'parents', `no device has the id "${parent}"`, undefined],
      ])
  })

  test('names no parent of a file that was deleted outside of it', () => {
    const behind = { ...near, parents: ['core'] }
    const state = after(
      after(stateOf(filesOf([core, behind])), { op: 'change', id: 'near', parents: [] }),
      { op: 'delete', id: 'core' },
    )
    expect(refusalsOf(state, { op: 'change', id: 'near', parents: null })).toEqual([
      [
        'invalid',
        'parents',
        'a device that it is reached through is not there any more',
        undefined,
      ],
    ])
  })

  test('names what is inside of it', () => {
    const state = stateOf(filesOf([near, { ...next, parents: ['near'] }]))
    expect(refusalsOf(state, { op: 'change', id: 'near', parents: ['next'] })).toEqual([
      ['invalid', 'parents', `${circle}near → next → near`, undefined],
    ])
  })
})

describe('what one of a part of the fleet names that is not theirs', () => {
  const polled = (name: string) => ({ snmp: { credentials: [name] } })
  const state = stateOf(
    filesOf([
      { ...core, ...polled('old'), region: 'East' },
      { ...near, ...polled('core'), region: 'West' },
    ]),
  )
  const west = ({ region }: { region: string }): boolean => region === 'West'
  const make = { op: 'create', id: 'new', address: '10.0.0.9', region: 'West' }
  const refused = (item: object) =>
    planOf(state, [item], { allows: west }).refusals.map(({ reason, field }) => [reason, field])

  test.each([
    ['credentials of others', { ...make, ...polled('old') }, 'snmp.credentials'],
    ['a change to them', { op: 'change', id: 'near', ...polled('old') }, 'snmp.credentials'],
    ['a branch of others', { ...make, branch: 'HQ' }, 'branch'],
    ['a move there', { op: 'change', id: 'near', branch: 'HQ' }, 'branch'],
  ])('%s: refused', (_, item, field) => {
    expect(refused(item)).toEqual([['forbidden', field]])
  })

  test.each([
    ['credentials of their own', { ...make, ...polled('core') }],
    ['a branch of their own', { ...make, branch: 'Vake' }],
    ['a new branch', { ...make, branch: 'Nutsubidze' }],
  ])('%s: done', (_, item) => {
    expect(refused(item)).toEqual([])
  })
})

test.each([
  ['name', { name: 'core\u202e1' }],
  ['id', { id: 'co\u200bre' }],
])('an invisible character in a %s is refused by its number', (field, more) => {
  const read = readCreate({ id: 'x', address: '10.0.0.9', ...more })
  expect(read).toEqual({
    ok: false,
    findings: [
      { path: [field], message: expect.stringMatching(/invisible characters, got U\+20/) },
    ],
  })
})
