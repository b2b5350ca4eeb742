import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createNotificationLog } from '../../../alerting/notify/log.ts'
import { emptyEntry } from '../../../alerting/notify/log-entry.ts'
import { type Lease, type LeaseKeys, openLease, readLeader } from '../../../lib/lease.ts'
import { ALERTING_LEASE } from '../../../lib/lease.ts'
import { createLog } from '../../../lib/log.ts'
import { type Stores, startStores } from '../../stores.ts'
import { createLeaseModel } from '../../unit/lib/lease-model.ts'
import { waitFor } from '../../wait.ts'

const KEYS: LeaseKeys = { leader: 'test:leader', token: 'test:token' }
const HOUR = 3_600_000

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores?.[Symbol.asyncDispose]())
beforeEach(() => stores.redis.flushall())

const me = (instance: string) => ({ instance, url: `http://${instance}`, since: 1_790_000_000_123 })
const wants = (lease: Lease, instance: string, more = {}) =>
  lease.claim({
    me: me(instance),
    held: null,
    highest: 0,
    ifAbsent: true,
    force: false,
    former: [],
    ...more,
  })

describe('a lease in Redis', () => {
  test('is granted with a token that only grows, kept by renewing, and given back at once', async () => {
    const lease = openLease(stores.redis, KEYS, 1_000)
    expect(await wants(lease, 'a')).toEqual({ granted: true, token: 1 })
    expect(await wants(lease, 'b')).toMatchObject({
      granted: false,
      leader: { ...me('a'), token: 1 },
      highest: 1,
    })
    expect(await wants(lease, 'a', { held: 1 })).toEqual({ granted: true, token: 1 })
    await lease.release('a', 1)
    expect(await readLeader(stores.redis, KEYS)).toBeNull()
    expect(await wants(lease, 'b', { ifAbsent: false })).toEqual({ granted: true, token: 2 })
    expect(await readLeader(stores.redis, KEYS)).toEqual({ ...me('b'), token: 2 })
  })

  test('runs out by Redis’ clock, and is renewed as long as nobody else had it since', async () => {
    const lease = openLease(stores.redis, KEYS, 200)
    await wants(lease, 'a')
    await waitFor(async () => (await readLeader(stores.redis, KEYS)) === null)
    expect(await wants(lease, 'a', { held: 1 })).toEqual({ granted: true, token: 1 })
    await waitFor(async () => (await wants(lease, 'b')).granted)
    expect(await wants(lease, 'a', { held: 1 })).toMatchObject({ granted: false, highest: 2 })
  })

  test('does what its model does, whatever is asked of it in whatever order', async () => {
    const instance = fc.constantFrom('a', 'b', 'c')
    const small = fc.nat({ max: 4 })
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          what: fc.constant('claim' as const),
          instance,
          held: fc.option(small),
          highest: small,
          ifAbsent: fc.boolean(),
          force: fc.boolean(),
          former: fc.uniqueArray(instance, { maxLength: 2 }),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({ what: fc.constant('release' as const), instance, token: small }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ what: fc.constantFrom('expire' as const, 'forget' as const) }),
      },
    )
    const lease = openLease(stores.redis, KEYS, HOUR)
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await stores.redis.flushall()
        const model = createLeaseModel(HOUR)
        for (const given of steps) {
          if (given.what === 'claim') {
            const { what: _, instance: name, ...more } = given
            const claim = { me: me(name), ...more }
            const [real, expected] = [await lease.claim(claim), model.claim(claim, 0)]
            const left = 'leftMs' in expected ? { leftMs: expect.any(Number) } : {}
            expect(real).toEqual({ ...expected, ...left })
          } else if (given.what === 'release') {
            await lease.release(given.instance, given.token)
            model.release(given.instance, given.token, 0)
          } else if (given.what === 'expire') {
            await stores.redis.del(KEYS.leader)
            model.expire()
          } else {
            await stores.redis.flushall()
            model.forget()
          }
        }
      }),
      { numRuns: 150 },
    )
  })
})

describe('the notification log', () => {
  const entry = {
    ...emptyEntry({ device: 'a' }),
    counted: ['x'],
    ended: [{ key: 'k', startsAt: 1, at: 2 }],
  }
  const open = (token: number) => {
    const refusals: string[] = []
    const refused = (why: string): void => void refusals.push(why)
    const log = createNotificationLog(stores.redis, createLog('silent'), { token, refused })
    return { log, refusals }
  }

  test('takes nothing of a term before the newest, and says so', async () => {
    await wants(openLease(stores.redis, ALERTING_LEASE), 'a')
    const old = open(1)
    expect(await old.log.save('ops', 'g', entry, HOUR)).toBe(true)
    await stores.redis.del(ALERTING_LEASE.leader)
    await wants(openLease(stores.redis, ALERTING_LEASE), 'b')
    const other = { ...entry, counted: ['y'] }
    expect(await old.log.save('ops', 'g', other, HOUR)).toBe(false)
    expect(old.refusals).toHaveLength(1)
    const kept = await open(2).log.load('ops')
    expect(kept.get('g')?.counted).toEqual(['x'])
  })

  test('of a term that began without Redis shuts out the ones before it with its first write', async () => {
    await open(7).log.save('ops', 'g', entry, HOUR)
    const old = open(6)
    expect(await old.log.save('ops', 'g', entry, HOUR)).toBe(false)
    expect(await wants(openLease(stores.redis, ALERTING_LEASE), 'a')).toEqual({
      granted: true,
      token: 8,
    })
  })
})
