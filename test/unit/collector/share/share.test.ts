import { describe, expect, test } from 'vitest'
import { ownerAmong } from '../../../../collector/share/rendezvous.ts'
import { type Taken, createShare } from '../../../../collector/share/share.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'

const ping = { intervalMs: 60_000, count: 2, timeoutMs: 500, confirm: 3 }
const devices = Array.from({ length: 100 }, (_, index) => device(`d${index}`, { ping }))
const SINCE = 5_000
const HEARD = 3_000

function membersOf(...given: readonly string[]) {
  let names: readonly string[] = given
  const listeners = new Set<() => void>()
  return {
    get names() {
      return names
    },
    since: SINCE,
    predecessorAt: null as number | null,
    lastHeardOf: () => HEARD,
    onChange(listener: () => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    become(...next: readonly string[]) {
      names = next
      for (const listener of listeners) listener()
    },
  }
}

function open(...names: readonly string[]) {
  const inventory = inventoryOf(...devices)
  const membership = membersOf(...names)
  const share = createShare({ inventory, membership, name: 'a' })
  const taken: Taken[] = []
  const seen: string[] = []
  share.onTaken((some) => {
    seen.push('taken')
    taken.push(...some)
  })
  share.onChange(() => seen.push('changed'))
  return { inventory, membership, share, taken, seen }
}

const ownedBy = (name: string, ...names: readonly string[]): string[] =>
  devices.map(({ id }) => id).filter((id) => ownerAmong(names)(id) === name)

describe('the share of a collector', () => {
  test('follows the inventory', () => {
    const { inventory, share, taken } = open('a')
    expect(share.current).toBe(inventory.current)
    inventory.replace(...devices, device('new'))
    expect(share.current.has('new')).toBe(true)
    expect(taken).toEqual([])
  })

  test('gives way to who comes, and takes nothing', () => {
    const { membership, share, taken, seen } = open('a')
    membership.become('a', 'b')
    expect([...share.current.keys()]).toEqual(ownedBy('a', 'a', 'b'))
    expect(taken).toEqual([])
    expect(seen).toEqual(['changed'])
  })

  test('takes what another one had who is gone, since its last word and the probes of before it that were not stored', () => {
    const { membership, share, taken, seen } = open('a', 'b', 'c')
    membership.become('a', 'b')
    expect(seen).toEqual(['taken', 'changed'])
    const lost = ownedBy('c', 'a', 'b', 'c')
    expect(taken.map(({ device: { id } }) => id)).toEqual(
      ownedBy('a', 'a', 'b').filter((id) => lost.includes(id)),
    )
    // Two echoes of half a second, and three seconds for what is written together and on its way.
    expect(new Set(taken.map(({ since }) => since))).toEqual(new Set([HEARD - 1_000 - 3_000]))
    expect([...share.current.keys()]).toEqual(ownedBy('a', 'a', 'b'))
  })

  test('begins when its time has come, with what the others hand over', () => {
    const { membership, share, taken } = open('b', 'c')
    expect(share.current.size).toBe(0)
    membership.become('a', 'b', 'c')
    expect(taken.map(({ device: { id } }) => id)).toEqual([...share.current.keys()])
    expect(taken.every(({ since }) => since === SINCE)).toBe(true)
  })

  test('after a restart goes on with its own, since its last word and the probes of before it that were not stored', () => {
    const inventory = inventoryOf(...devices)
    const membership = { ...membersOf('a', 'b'), predecessorAt: HEARD }
    const resumed = createShare({ inventory, membership, name: 'a' }).resumed()
    expect(resumed.map(({ device: { id } }) => id)).toEqual(ownedBy('a', 'a', 'b'))
    expect(new Set(resumed.map(({ since }) => since))).toEqual(new Set([HEARD - 1_000 - 3_000]))
  })

  test('has nothing to go on with where nobody had its name', () => {
    expect(open('a').share.resumed()).toEqual([])
  })

  test('takes nothing that nobody had', () => {
    const { inventory, taken } = open('a', 'b')
    inventory.replace(...devices, device('new-1'), device('new-2'), device('new-3'))
    expect(taken).toEqual([])
  })
})
