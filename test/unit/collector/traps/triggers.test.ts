import { describe, expect, test } from 'vitest'
import {
  COLD_START,
  LINK_DOWN,
  LINK_UP,
  WARM_START,
  trapName,
  trapOidOfV1,
} from '../../../../collector/traps/names.ts'
import { MOST_POKES, createTriggers } from '../../../../collector/traps/triggers.ts'

function start() {
  const poked: string[] = []
  return { poked, triggers: createTriggers((id) => void poked.push(id)) }
}

describe('traps that have a device probed at once', () => {
  test.each([LINK_DOWN, LINK_UP, COLD_START, WARM_START])('%s does', (oid) => {
    const { poked, triggers } = start()
    triggers.trapped('a', oid, 0)
    expect(poked).toEqual(['a'])
  })

  test.each(['1.3.6.1.6.3.1.1.5.5', '1.3.6.1.4.1.9.9.43.2.0.1'])('%s does not', (oid) => {
    const { poked, triggers } = start()
    triggers.trapped('a', oid, 0)
    triggers.flush(10_000)
    expect(poked).toEqual([])
  })

  test('a link that flaps has its device probed every 5 s at most, and once more after its last word', () => {
    const { poked, triggers } = start()
    const pokedAt: number[] = []
    for (let now = 0; now <= 30_000; now += 100) {
      const before = poked.length
      if (now <= 12_000) triggers.trapped('a', now % 200 === 0 ? LINK_DOWN : LINK_UP, now)
      if (now % 1_000 === 0) triggers.flush(now)
      if (poked.length > before) pokedAt.push(now)
    }
    expect(pokedAt).toEqual([0, 5_000, 10_000, 15_000])
  })

  test('of a whole fleet at once have so many devices probed each second, the first ones first, and none twice', () => {
    const { poked, triggers } = start()
    const fleet = Array.from({ length: 3 * MOST_POKES }, (_, n) => `d${n}`)
    for (const id of fleet) triggers.trapped(id, LINK_DOWN, 0)
    const counts = [poked.length]
    for (const now of [1_000, 2_000, 3_000]) {
      triggers.flush(now)
      counts.push(poked.length)
    }
    expect(counts).toEqual([MOST_POKES, 2 * MOST_POKES, 3 * MOST_POKES, 3 * MOST_POKES])
    expect(poked).toEqual(fleet)
  })

  test('one device that flaps holds up no other', () => {
    const { poked, triggers } = start()
    triggers.trapped('a', LINK_DOWN, 0)
    triggers.trapped('a', LINK_DOWN, 1)
    triggers.trapped('b', LINK_DOWN, 2)
    expect(poked).toEqual(['a', 'b'])
  })
})

describe("a trap's OID", () => {
  test.each([
    [0, 0, '1.3.6.1.6.3.1.1.5.1'],
    [1, 0, '1.3.6.1.6.3.1.1.5.2'],
    [2, 7, '1.3.6.1.6.3.1.1.5.3'],
    [3, 0, '1.3.6.1.6.3.1.1.5.4'],
    [4, 0, '1.3.6.1.6.3.1.1.5.5'],
    [5, 0, '1.3.6.1.6.3.1.1.5.6'],
    [6, 42, '1.3.6.1.4.1.9.1.1208.0.42'],
  ])('of v1, generic %i and specific %i, is %s (RFC 3584 §3.1)', (generic, specific, oid) => {
    expect(trapOidOfV1('1.3.6.1.4.1.9.1.1208', generic, specific)).toBe(oid)
  })

  test.each([
    ['1.3.6.1.2.1.15.7.1', 'bgpEstablished'],
    ['1.3.6.1.2.1.15.7.0.1', 'bgpEstablished'],
    ['1.3.6.1.2.1.15.0.1', 'bgpEstablishedNotification'],
    ['1.3.6.1.2.1.33.2.0.1', 'upsTrapOnBattery'],
  ])('%s is %s, as v1 and as v2c send it', (oid, name) => {
    expect(trapName(oid)).toBe(name)
  })

  test('that is not known here has no name', () => {
    expect([trapName(LINK_DOWN), trapName('1.3.6.1.4.1.9.0.1'), trapName('constructor')]).toEqual([
      'linkDown',
      '',
      '',
    ])
  })
})
