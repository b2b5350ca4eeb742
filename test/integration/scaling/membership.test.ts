import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Forward, forward } from '../../../lab/forward.ts'
import { systemClock } from '../../../lib/clock.ts'
import { type Membership, openMembership } from '../../../lib/membership/membership.ts'
import { MEMBERS_KEY } from '../../../lib/membership/script.ts'
import { type Redis, connectRedis } from '../../../lib/redis.ts'
import { CHANNELS } from '../../../lib/service.ts'
import { StartError } from '../../../lib/start-error.ts'
import { type RecordedLog, recordLog } from '../../fakes/log.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

/** A tenth of what they are. */
const timing = { beatMs: 200, ttlMs: 1_000, leadMs: 1_000, silentMs: 400, graceMs: 600 }

let stores: Stores
beforeAll(async () => {
  stores = await startStores()
})
afterAll(() => stores?.[Symbol.asyncDispose]())
beforeEach(() => stores.redis.flushall())

type Member = AsyncDisposable & {
  readonly membership: Membership
  readonly log: RecordedLog
  /** What its end was, if it ended by itself. */
  readonly ended: Promise<unknown>
  /** As kill -9: it says nothing more. */
  kill(): void
  /** As SIGSTOP: its clocks go on without it. */
  freeze(): () => void
}

async function join(
  name: string,
  { site = '', url = stores.redisUrl, times = timing } = {},
): Promise<Member> {
  const log = recordLog()
  const redis: Redis = connectRedis(url, log.log)
  await waitFor(() => redis.status === 'ready' || log.lines.length > 0, { what: 'Redis' })
  let isFrozen = false
  const clock = {
    now: systemClock.now,
    async sleepUntil(at: number, signal: AbortSignal) {
      await systemClock.sleepUntil(at, signal)
      await waitFor(() => !isFrozen, { timeoutMs: 60_000, intervalMs: 5, what: 'its thaw' })
    },
  }
  const membership = await openMembership({
    redis,
    name,
    site,
    clock,
    log: log.log,
    timing: times,
  })
  const subscriber = redis.duplicate()
  subscriber.on('error', () => {})
  subscriber.on('message', membership.look)
  subscriber.on('ready', () => void subscriber.subscribe(CHANNELS.members).catch(() => {}))
  subscriber.connect().catch(() => {})
  const stop = new AbortController()
  const ended = membership.run(stop.signal).catch((error: unknown) => error)
  return {
    membership,
    log,
    ended,
    kill: () => stop.abort(),
    freeze() {
      isFrozen = true
      return () => (isFrozen = false)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended
      await membership[Symbol.asyncDispose]()
      subscriber.disconnect()
      redis.disconnect()
    },
  }
}

const agree = (members: readonly Member[], ...names: readonly string[]): Promise<unknown> =>
  waitFor(
    () => members.every(({ membership }) => membership.names.join() === names.join()) && true,
    { timeoutMs: 8_000, intervalMs: 5, what: `${names.join()} to be known to all` },
  )

describe('collectors of one site', () => {
  test('know one another; who comes waits until all know, and begins when the others make way', async () => {
    await using a = await join('a')
    expect(a.membership.names).toEqual(['a'])
    await using b = await join('b')
    expect(b.membership.names).toEqual(['a'])
    await agree([a, b], 'a', 'b')
    expect(Math.abs(a.membership.since - b.membership.since)).toBeLessThan(300)
    // Half a second after a whole one, where no probe is sent.
    const [, from = 0] =
      /"from":(\d+)/.exec((await stores.redis.hget(MEMBERS_KEY, 'b')) ?? '') ?? []
    expect(Number(from) % 1_000).toBe(500)
  })

  test('have nothing to do with those of another site', async () => {
    await using a = await join('a', { site: 'north' })
    await using b = await join('b', { site: 'south' })
    await using c = await join('c', { site: 'south' })
    await agree([b, c], 'b', 'c')
    expect(a.membership.names).toEqual(['a'])
  })

  test('are told at once of one that ends, long before they would ask', async () => {
    const times = { ...timing, beatMs: 5_000, ttlMs: 20_000 }
    await using a = await join('a', { times })
    await using b = await join('b', { times })
    const c = await join('c', { times })
    await agree([a, b, c], 'a', 'b', 'c')
    const leftAt = performance.now()
    await c[Symbol.asyncDispose]()
    await agree([a, b], 'a', 'b')
    expect(performance.now() - leftAt).toBeLessThan(3_000)
  })

  test('know that one was killed once its lease ends', async () => {
    await using a = await join('a')
    await using b = await join('b')
    const c = await join('c')
    await agree([a, b, c], 'a', 'b', 'c')
    c.kill()
    await agree([a, b], 'a', 'b')
    expect(Date.now() - a.membership.lastHeardOf('c')).toBeGreaterThan(timing.ttlMs - 300)
    await c[Symbol.asyncDispose]()
  })

  test('one that stood still has no devices until it is heard of again, and then waits as a newcomer does', async () => {
    await using a = await join('a')
    await using b = await join('b')
    await agree([a, b], 'a', 'b')
    const thaw = b.freeze()
    await agree([a], 'a')
    expect(b.membership.heldUntil()).toBeLessThan(Date.now())
    thaw()
    await waitFor(() => b.membership.heldUntil() > Date.now(), { intervalMs: 5, what: 'its lease' })
    expect(b.membership.names).toEqual(['a'])
    await agree([a, b], 'a', 'b')
  })
})

describe('two collectors of one name', () => {
  test('the second ends with what to do about it, and the first goes on', async () => {
    await using a = await join('a')
    await using twin = await join('a', { site: 'elsewhere' })
    const error = await twin.ended
    expect(error).toBeInstanceOf(StartError)
    expect((error as Error).message).toMatch(
      /^collector\.name: another collector of the name "a" runs, on host .+: give each a name of its own/,
    )
    expect(a.membership.heldUntil()).toBeGreaterThan(Date.now())
    expect(a.membership.names).toEqual(['a'])
  })

  test('are one where the first was killed and started again: it goes on at once with its devices', async () => {
    await using b = await join('b')
    const a = await join('a')
    await agree([a, b], 'a', 'b')
    a.kill()
    await using again = await join('a')
    expect(again.membership.names).toEqual(['a', 'b'])
    expect(again.membership.heldUntil()).toBeGreaterThan(Date.now())
    expect(Date.now() - (again.membership.predecessorAt ?? 0)).toBeLessThan(timing.ttlMs)
    const { token } = JSON.parse((await stores.redis.hget(MEMBERS_KEY, 'a')) ?? '{}')
    await waitFor(
      async () => JSON.parse((await stores.redis.hget(MEMBERS_KEY, 'a')) ?? '{}').token !== token,
      { intervalMs: 10, what: 'the lease to be its own' },
    )
    expect(b.membership.names).toEqual(['a', 'b'])
    await a.ended
  })
})

describe('since when nobody probed', () => {
  test('is known to one that is killed and started again: since its last word', async () => {
    const a = await join('a')
    expect(a.membership.predecessorAt).toBeNull()
    const { beat } = JSON.parse((await stores.redis.hget(MEMBERS_KEY, 'a')) ?? '{}')
    a.kill()
    await a.ended
    await using again = await join('a')
    expect(Math.abs((again.membership.predecessorAt ?? 0) - beat)).toBeLessThan(50)
  })

  test('is known to the only one of a site when it ended as it should: since its end', async () => {
    await using _ = await join('elsewhere', { site: 'south' })
    const a = await join('a')
    await a[Symbol.asyncDispose]()
    const endedAt = Date.now()
    await using again = await join('a')
    expect(again.membership.names).toEqual(['a'])
    expect(Math.abs((again.membership.predecessorAt ?? 0) - endedAt)).toBeLessThan(300)
  })

  test('is nothing to one whose devices others had meanwhile, nor to one of another name or site', async () => {
    await using _ = await join('elsewhere', { site: 'south' })
    const a = await join('a')
    await a[Symbol.asyncDispose]()
    await using b = await join('b')
    await using again = await join('a')
    await using south = await join('b2', { site: 'south' })
    expect([again, b, south].map(({ membership }) => membership.predecessorAt)).toEqual([
      null,
      null,
      null,
    ])
  })
})

describe('without Redis', () => {
  test('one that starts takes itself for the only one, and says so', async () => {
    await using a = await join('a', { url: `redis://127.0.0.1:${await freePort()}` })
    expect(a.membership.names).toEqual(['a'])
    expect(a.membership.heldUntil()).toBe(Infinity)
    expect(a.membership.cutOff).not.toBeNull()
    expect(a.log.lines.map(({ msg }) => msg)).toContainEqual(
      expect.stringContaining('this collector probes every device'),
    )
  })

  test('they go on with the devices that they have, and with those of all when Redis has lost them', async () => {
    await using a = await join('a')
    await using b = await join('b')
    await agree([a, b], 'a', 'b')
    const changes: string[] = []
    a.membership.onChange(() => changes.push(a.membership.names.join()))
    b.membership.onChange(() => changes.push(b.membership.names.join()))
    // Killed at once it would be back before they ask again.
    const pid = stores.pids().redis ?? 0
    process.kill(pid, 'SIGSTOP')
    await waitFor(() => a.membership.cutOff !== null && b.membership.cutOff !== null, {
      what: 'them to notice',
    })
    expect(a.membership.heldUntil()).toBe(Infinity)
    process.kill(pid, 'SIGKILL')
    await waitFor(() => a.membership.cutOff === null && b.membership.cutOff === null, {
      timeoutMs: 20_000,
      what: 'Redis to be back',
    })
    await stores.redis.flushall()
    await waitFor(async () => (await stores.redis.hlen(MEMBERS_KEY)) === 2, { what: 'both' })
    expect(changes).toEqual([])
  })

  test('a Redis that comes back with what it knew long ago moves no device: who is there says so, who is gone is not awaited', async () => {
    await using a = await join('a')
    const gone = await join('gone')
    await agree([a, gone], 'a', 'gone')
    const old = await stores.redis.hgetall(MEMBERS_KEY)
    await gone[Symbol.asyncDispose]()
    await using b = await join('b')
    await agree([a, b], 'a', 'b')
    const ends = Math.max(
      ...Object.values(old).map((text) => Number(/"ends":(\d+)/.exec(text)?.[1])),
    )
    await waitFor(() => Date.now() > ends, { what: 'the leases of then to be over' })
    const changes: string[] = []
    for (const { membership } of [a, b])
      membership.onChange(() => changes.push(membership.names.join()))
    await stores.redis.multi().del(MEMBERS_KEY).hset(MEMBERS_KEY, old).exec()
    await waitFor(async () => (await stores.redis.hkeys(MEMBERS_KEY)).sort().join() === 'a,b', {
      what: 'both to have said that they are there',
    })
    await waitFor(() => Date.now() > ends + timing.graceMs, { what: 'the others to be given up' })
    expect(changes).toEqual([])
  })

  test('one that alone is cut off keeps its devices though others take them; back again, each is one collector’s', async () => {
    await using stack = new AsyncDisposableStack()
    const socket = { path: stores.redisUrl.slice('unix://'.length) }
    const port = await freePort()
    let link: Forward | null = await forward({ host: '127.0.0.1', port }, socket)
    stack.defer(() => link?.[Symbol.asyncDispose]())
    await using a = await join('a')
    await using b = await join('b', { url: `redis://127.0.0.1:${port}` })
    await agree([a, b], 'a', 'b')
    await link[Symbol.asyncDispose]()
    link = null
    await agree([a], 'a')
    expect(b.membership.names).toEqual(['a', 'b'])
    expect(b.membership.heldUntil()).toBe(Infinity)
    link = await forward({ host: '127.0.0.1', port }, socket)
    await agree([a, b], 'a', 'b')
    await waitFor(() => b.membership.cutOff === null, { what: 'its lease' })
  })
})

describe('what others wrote under the key', () => {
  test('is thrown away where it makes no sense, and a lease of a clock that was set back ends as others do', async () => {
    const future = Date.now() + 3_600_000
    const ghost = { site: '', token: 't', host: 'h', from: 1, beat: future, ends: future, beats: 1 }
    await stores.redis.hset(MEMBERS_KEY, { junk: '{', ghost: JSON.stringify(ghost), list: '[1]' })
    await using a = await join('a')
    expect(await stores.redis.hkeys(MEMBERS_KEY)).toEqual(
      expect.not.arrayContaining(['junk', 'list']),
    )
    await agree([a], 'a')
    expect(await stores.redis.hkeys(MEMBERS_KEY)).toEqual(['a'])
  })
})
