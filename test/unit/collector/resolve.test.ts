import { beforeEach, describe, expect, test } from 'vitest'
import type { Found, NameSource } from '../../../collector/name-source.ts'
import { createAddressBook } from '../../../collector/resolve.ts'
import type { Device } from '../../../lib/inventory.ts'
import { type ManualClock, manualClock, settle } from '../../fakes/clock.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { recordLog } from '../../fakes/log.ts'

const core = device('core', { address: 'core.example.net' })

let clock: ManualClock
let asked: { readonly name: string; readonly at: number }[]
let names: Map<string, Found>
beforeEach(() => {
  clock = manualClock(0)
  asked = []
  names = new Map([['core.example.net', { address: '198.18.0.1', ttlMs: 60_000, from: 'dns' }]])
})

/** A source of names that asks `find`; the system's resolver knows none unless told. */
const sourceOf = (
  find: NameSource['find'],
  lookup: NameSource['lookup'] = (name) => Promise.reject(failure('ENOTFOUND', name)),
): NameSource => ({ find, lookup, cancel() {} })

const failure = (code: string, name = ''): Error =>
  Object.assign(new Error(`${code} ${name}`), { code })

const open = (...devices: readonly Device[]) =>
  start(
    devices,
    sourceOf(async (name) => {
      asked.push({ name, at: clock.now() / 1000 })
      const found = names.get(name)
      if (found === undefined) throw failure('ENOTFOUND', name)
      return found
    }),
  )

async function start(devices: readonly Device[], source: NameSource) {
  const inventory = inventoryOf(...devices)
  const log = recordLog()
  const abort = new AbortController()
  const book = createAddressBook({ inventory, clock, log: log.log, source })
  const running = book.run(abort.signal)
  await settle()
  const stop = async (): Promise<void> => {
    abort.abort()
    await running
  }
  return {
    inventory,
    lines: log.lines,
    resolve: book.resolve,
    stop,
    [Symbol.asyncDispose]: stop,
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
    await using book = await start(
      [core],
      sourceOf(() =>
        gate.promise.then(() => ({ address: '198.18.0.1', ttlMs: 60_000, from: 'dns' })),
      ),
    )
    expect(book.resolve(core)).toBeNull()
    gate.resolve()
    await settle()
    expect(book.resolve(core)).toBe('198.18.0.1')
  })

  test.each([
    ['its TTL', 60_000, [0, 60, 120]],
    ['no sooner than 10 s', 0, [0, 10, 20]],
    ['no later than an hour', 86_400_000, [0, 3_600, 7_200]],
  ])('asks again after %s', async (_, ttlMs, instants) => {
    names.set('core.example.net', { address: '198.18.0.1', ttlMs, from: 'dns' })
    await using book = await open(core)
    await clock.advance((instants[2] ?? 0) * 1000)
    expect(asked.map(({ at }) => at)).toEqual(instants)
    expect(book.resolve(core)).toBe('198.18.0.1')
  })

  test('takes an address that changed', async () => {
    await using book = await open(core)
    names.set('core.example.net', { address: '198.18.0.2', ttlMs: 60_000, from: 'dns' })
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
    names.set('core.example.net', { address: '198.18.0.3', ttlMs: 60_000, from: 'dns' })
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
    names.set('new.example.net', { address: '198.18.0.9', ttlMs: 60_000, from: 'dns' })
    const fresh = device('new', { address: 'new.example.net' })
    book.inventory.replace(fresh)
    await clock.advance(1_000)
    expect(book.resolve(fresh)).toBe('198.18.0.9')
    expect(book.resolve(core)).toBeNull()
  })

  test('keeps the last address when DNS gives no answer: the other addresses of a name are not tried', async () => {
    const lookedUp: string[] = []
    let find: NameSource['find'] = async () => names.get('core.example.net') as Found
    await using book = await start(
      [core],
      sourceOf(
        (name) => find(name),
        async (name) => {
          lookedUp.push(name)
          return { address: '2001:db8::1', ttlMs: 60_000, from: 'system' }
        },
      ),
    )
    find = () => Promise.reject(failure('ETIMEOUT'))
    await clock.advance(100_000)
    expect(book.resolve(core)).toBe('198.18.0.1')
    expect(lookedUp).toEqual([])
  })

  test('asks the system for a name that DNS gave no answer for yet, and goes on asking it', async () => {
    let address = '198.18.0.5'
    await using book = await start(
      [core],
      sourceOf(
        () => Promise.reject(failure('ECONNREFUSED')),
        async () => ({ address, ttlMs: 60_000, from: 'system' }),
      ),
    )
    expect(book.resolve(core)).toBe('198.18.0.5')
    address = '198.18.0.6'
    await clock.advance(61_000)
    expect(book.resolve(core)).toBe('198.18.0.6')
  })

  test('asks for a hundred names at a time, and names that never get an answer keep no other waiting', async () => {
    const dead = Array.from({ length: 1_000 }, (_, n) => device(`${n}`, { address: `${n}.test` }))
    const signal = new AbortController().signal
    let atOnce = 0
    let most = 0
    await using book = await start(
      [...dead, core],
      sourceOf(
        async (name) => {
          const found = names.get(name)
          if (found !== undefined) return found
          most = Math.max(most, ++atOnce)
          await clock.sleepUntil(clock.now() + 4_000, signal)
          atOnce--
          throw failure('ETIMEOUT', name)
        },
        () => new Promise(() => {}),
      ),
    )
    await clock.advance(3_000)
    expect(most).toBe(100)
    await clock.advance(40_000)
    expect(book.resolve(core)).toBe('198.18.0.1')
    for (let minutes = 0; minutes < 3; minutes++) {
      const address = `198.18.1.${minutes}`
      names.set('core.example.net', { address, ttlMs: 60_000, from: 'dns' })
      await clock.advance(61_000)
      expect(book.resolve(core)).toBe(address)
    }
  })

  test('ends at once when it is asked to, whatever is still looked up', async () => {
    const lookedUp: string[] = []
    const cancelled = Promise.withResolvers<never>()
    const devices = Array.from({ length: 300 }, (_, n) => device(`${n}`, { address: `${n}.test` }))
    const book = await start(devices, {
      find: () => cancelled.promise,
      lookup: async (name) => {
        lookedUp.push(name)
        return { address: '198.18.0.1', ttlMs: 60_000, from: 'system' }
      },
      cancel: () => cancelled.reject(failure('ECANCELLED')),
    })
    await book.stop()
    await settle()
    expect(lookedUp).toEqual([])
    expect(book.lines).toEqual([])
    expect(clock.sleepers).toBe(0)
  })
})
