import { beforeEach, describe, expect, test } from 'vitest'
import { createAddressBook } from '../../../collector/resolve.ts'
import { type ManualClock, manualClock, settle } from '../../fakes/clock.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { recordLog } from '../../fakes/log.ts'

const core = device('core', { address: 'core.example.net' })

let clock: ManualClock
let asked: { readonly name: string; readonly at: number }[]
let names: Map<string, { address: string; ttlMs: number }>
beforeEach(() => {
  clock = manualClock(0)
  asked = []
  names = new Map([['core.example.net', { address: '198.18.0.1', ttlMs: 60_000 }]])
})

async function open(...devices: readonly ReturnType<typeof device>[]) {
  const inventory = inventoryOf(...devices)
  const log = recordLog()
  const stop = new AbortController()
  const book = createAddressBook({
    inventory,
    clock,
    log: log.log,
    find: async (name) => {
      asked.push({ name, at: clock.now() / 1000 })
      const found = names.get(name)
      if (found === undefined) throw new Error(`getaddrinfo ENOTFOUND ${name}`)
      return found
    },
  })
  const running = book.run(stop.signal)
  await settle()
  return {
    inventory,
    lines: log.lines,
    resolve: book.resolve,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}

describe('the address book', () => {
  test.each(['198.18.0.7', '2001:db8::7'])(
    'takes %s as it is, and asks nobody',
    async (address) => {
      await using book = await open(device('a', { address }))
      expect(book.resolve(device('a', { address }))).toBe(address)
      await clock.advance(60_000)
      expect(asked).toEqual([])
    },
  )

  test('knows a name once it was resolved, null before', async () => {
    const gate = Promise.withResolvers<void>()
    const book = createAddressBook({
      inventory: inventoryOf(core),
      clock,
      log: recordLog().log,
      find: async () => gate.promise.then(() => ({ address: '198.18.0.1', ttlMs: 60_000 })),
    })
    const stop = new AbortController()
    const running = book.run(stop.signal)
    await settle()
    expect(book.resolve(core)).toBeNull()
    gate.resolve()
    await settle()
    expect(book.resolve(core)).toBe('198.18.0.1')
    stop.abort()
    await running
  })

  test.each([
    ['its TTL', 60_000, [0, 60, 120]],
    ['no sooner than 10 s', 0, [0, 10, 20]],
    ['no later than an hour', 86_400_000, [0, 3_600, 7_200]],
  ])('asks again after %s', async (_, ttlMs, instants) => {
    names.set('core.example.net', { address: '198.18.0.1', ttlMs })
    await using book = await open(core)
    await clock.advance((instants[2] ?? 0) * 1000)
    expect(asked.map(({ at }) => at)).toEqual(instants)
    expect(book.resolve(core)).toBe('198.18.0.1')
  })

  test('takes an address that changed', async () => {
    await using book = await open(core)
    names.set('core.example.net', { address: '198.18.0.2', ttlMs: 60_000 })
    await clock.advance(61_000)
    expect(book.resolve(core)).toBe('198.18.0.2')
  })

  test('keeps the last address of a name that stops resolving, asks every 30 s and tells once', async () => {
    await using book = await open(core)
    names.delete('core.example.net')
    await clock.advance(150_000)
    expect(book.resolve(core)).toBe('198.18.0.1')
    expect(asked.map(({ at }) => at)).toEqual([0, 60, 90, 120, 150])
    expect(book.lines.map(({ msg, name }) => [msg, name])).toEqual([
      ["name can't be resolved", 'core.example.net'],
    ])
    names.set('core.example.net', { address: '198.18.0.3', ttlMs: 60_000 })
    await clock.advance(30_000)
    expect(book.resolve(core)).toBe('198.18.0.3')
    expect(book.lines.map(({ msg }) => msg)).toEqual([
      "name can't be resolved",
      'name resolves again',
    ])
  })

  test('asks once for a name that devices share, and not for one that is switched off', async () => {
    const off = device('off', { address: 'off.example.net', enabled: false })
    await using book = await open(core, device('twin', { address: 'core.example.net' }), off)
    expect(asked.map(({ name }) => name)).toEqual(['core.example.net'])
    expect(book.resolve(off)).toBeNull()
  })

  test('follows the inventory within a second, and forgets the names that left', async () => {
    await using book = await open(core)
    names.set('new.example.net', { address: '198.18.0.9', ttlMs: 60_000 })
    const fresh = device('new', { address: 'new.example.net' })
    book.inventory.replace(fresh)
    await clock.advance(1_000)
    expect(book.resolve(fresh)).toBe('198.18.0.9')
    expect(book.resolve(core)).toBeNull()
  })

  test('asks for a few names at a time, and a name that fails keeps no other waiting', async () => {
    const devices = Array.from({ length: 40 }, (_, n) => device(`${n}`, { address: `${n}.test` }))
    let atOnce = 0
    let most = 0
    const book = createAddressBook({
      inventory: inventoryOf(...devices),
      clock,
      log: recordLog().log,
      find: async (name) => {
        most = Math.max(most, ++atOnce)
        await settle()
        atOnce--
        if (Number.parseInt(name) % 2 === 1) throw new Error('SERVFAIL')
        return { address: '198.18.0.1', ttlMs: 60_000 }
      },
    })
    const stop = new AbortController()
    const running = book.run(stop.signal)
    for (let turns = 0; turns < 20; turns++) await settle()
    stop.abort()
    await running
    expect(most).toBe(16)
    expect(devices.filter((each) => book.resolve(each) !== null)).toHaveLength(20)
  })
})
