import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ownerAmong, shareOf } from '../../../../collector/share/rendezvous.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'

const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `branch-${index % 128}-device-${index}`)

function countsOf(names: readonly string[], devices: readonly string[]): Map<string, number> {
  const owner = ownerAmong(names)
  const counts = new Map(names.map((name) => [name, 0]))
  for (const id of devices) {
    const name = owner(id) ?? ''
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

const namesArbitrary = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 16 })

describe('who probes a device', () => {
  test.each([2, 4, 16])(
    '%i collectors have shares of 100,000 devices that differ from the mean by less than a tenth',
    (collectors) => {
      const names = Array.from({ length: collectors }, (_, index) => `collector-${index + 1}`)
      const devices = ids(100_000)
      for (const count of countsOf(names, devices).values())
        expect(Math.abs(count - devices.length / collectors)).toBeLessThan(
          (0.1 * devices.length) / collectors,
        )
    },
  )

  test('does so with host names that docker makes, too', () => {
    const names = ['f1c9e0a4b2d7', '0b7c3de19a55', '9aa0c4e8d310', '77d2b6f4e1c8']
    for (const count of countsOf(names, ids(100_000)).values())
      expect(Math.abs(count - 25_000)).toBeLessThan(2_500)
  })

  test('is the same whatever the order in which the names are known', () => {
    fc.assert(
      fc.property(namesArbitrary, fc.string(), (names, id) => {
        const owner = ownerAmong(names)(id)
        expect(names).toContain(owner)
        expect(ownerAmong(names.toReversed())(id)).toBe(owner)
      }),
    )
  })

  test('stays who it is when another one comes or goes', () => {
    fc.assert(
      fc.property(namesArbitrary, fc.string(), (names, id) => {
        const owner = ownerAmong(names)(id)
        for (const gone of names) {
          if (gone === owner) continue
          expect(ownerAmong(names.filter((name) => name !== gone))(id)).toBe(owner)
        }
      }),
    )
  })

  test('is nobody where there is nobody', () => {
    expect(ownerAmong([])('router-1')).toBeNull()
  })

  // Collectors of two versions may share a site while they are upgraded: both must count alike.
  test('is these, for good', () => {
    const names = ['a', 'b', 'c']
    const owner = ownerAmong(names)
    const found = ['router-1', 'router-2', 'თბილისი', 'sw-7', ''].map(owner)
    expect(found).toEqual(['b', 'a', 'a', 'b', 'c'])
  })
})

describe('the share of a collector', () => {
  const devices = ids(1_000).map((id) => device(id))
  const inventory = inventoryOf(...devices).current

  test('is the inventory itself where it is alone', () => {
    expect(shareOf(inventory, ['a'], 'a')).toBe(inventory)
  })

  test('is nothing while it is not among those who divide them', () => {
    expect(shareOf(inventory, ['a', 'b'], 'c').size).toBe(0)
    expect(shareOf(inventory, [], 'c').size).toBe(0)
  })

  test('has each device exactly once over all collectors', () => {
    const names = ['a', 'b', 'c', 'd']
    const shares = names.flatMap((name) => [...shareOf(inventory, names, name).keys()])
    expect(shares.sort()).toEqual([...inventory.keys()].sort())
  })
})
