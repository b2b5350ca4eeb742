import { describe, expect, it, test } from 'vitest'
import { configSchema, deviceSchema } from '../../../../lib/config/schema.ts'
import { resolveDevice } from '../../../../lib/inventory/resolve.ts'
import { adopt, digestSections } from '../../../../lib/inventory/snapshot.ts'

const device = (id: string, more: object = {}) =>
  resolveDevice(deviceSchema.parse({ id, address: 'x', ...more }), { defaults: {}, profiles: {} })
const before = adopt(new Map(), [device('a'), device('b')]).inventory

describe('adopt', () => {
  it('keeps the object of a device that is the same', () => {
    const after = adopt(before, [device('a'), device('b', { name: 'new' }), device('c')])
    expect(after.inventory.get('a')).toBe(before.get('a'))
    expect(after.inventory.get('b')).not.toBe(before.get('b'))
    expect(after).toMatchObject({ added: 1, changed: 1, removed: 0, differs: true })
  })

  test.each([
    ['the same', ['a', 'b'], false],
    ['another order', ['b', 'a'], true],
    ['one less', ['a'], true],
    ['one exchanged', ['a', 'c'], true],
    ['none', [], true],
  ])('%s: differs %s', (_, ids, differs) => {
    expect(
      adopt(
        before,
        ids.map((id) => device(id)),
      ).differs,
    ).toBe(differs)
  })
})

describe('digestSections', () => {
  const digest = (community: string, more: object = {}) =>
    digestSections(
      configSchema.parse({ credentials: { c: { version: '2c', community } }, ...more }),
    )

  it('notices a secret that changed, without holding it', () => {
    expect(digest('one')['credentials']).not.toBe(digest('two')['credentials'])
    expect(JSON.stringify(digest('one'))).not.toContain('one')
  })

  it('leaves out what a reload covers', () => {
    expect(digest('one', { defaults: { branch: 'x' }, inventory: { files: ['y'] } })).toEqual(
      digest('one'),
    )
  })
})
