import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../lib/clock.ts'
import { openDecisions } from '../../../lib/decisions/decisions.ts'
import { createSessions } from '../../../lib/auth/sessions.ts'
import { createLog } from '../../../lib/log.ts'
import { connectRedis } from '../../../lib/redis.ts'
import { TOO_SLOW } from '../../../lib/redis/refusal.ts'
import { redisTroubles } from '../../../lib/redis/troubles.ts'
import { type RedisWatch, watchRedis } from '../../../lib/redis/watch.ts'
import { recordLog } from '../../fakes/log.ts'
import { startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { feed, ping, slot, startApi } from '../api/stand.ts'
import { type Server, connected, startSentinel, startServer } from './server.ts'

const log = createLog('silent')
const NO_METER = { beaten() {}, state() {}, lost() {}, memory() {} }
const SOON = { timeoutMs: 10_000 }
const DRAFT = {
  matchers: [{ name: 'device', value: 'x', isRegex: false, isEqual: true }],
  endsAt: Date.now() + 3_600_000,
  createdBy: 'nino',
  comment: 'x',
}

let opened: AsyncDisposableStack
let server: Server
beforeEach(async () => {
  opened = new AsyncDisposableStack()
  server = opened.use(await startServer())
})
afterEach(() => opened.disposeAsync())

async function watched(url = server.url): Promise<RedisWatch> {
  const redis = opened.use(await connected(url))
  return opened.use(watchRedis({ redis, meter: NO_METER, clock: systemClock, log }))
}
/** Sooner than it would look by itself. */
const beaten = (watch: RedisWatch, status: RedisWatch['state']['status']): Promise<unknown> =>
  waitFor(async () => {
    await watch.beat().catch(() => {})
    return watch.state.status === status
  }, SOON)
const troublesOf = (watch: RedisWatch): string => redisTroubles(watch.state, Date.now()).join()

describe('a Redis that does not answer', () => {
  test('is waited for once, for less than a second, and asked again by itself', async () => {
    const redis = opened.use(await connected(server.url))
    server.freeze()
    await expect(redis.get('x')).rejects.toThrow('Command timed out')
    // These are asked of nobody, whatever the machine has to do besides.
    await expect(redis.get('x')).rejects.toThrow(TOO_SLOW)
    await expect(redis.multi().get('x').get('y').exec()).rejects.toThrow(TOO_SLOW)
    server.thaw()
    await waitFor(async () => (await redis.get('x')) === null, SOON)
  })

  test('for long is reached again over a new connection, and what was given up is not asked again', async () => {
    const redis = opened.use(await connected(server.url))
    server.freeze()
    await expect(redis.incr('asked')).rejects.toThrow('Command timed out') // it lies in the connection
    await waitFor(() => redis.status !== 'ready', SOON)
    server.thaw()
    await waitFor(async () => (await redis.ping()) === 'PONG', SOON)
    expect(await redis.get('asked')).toBe('1')
  })

  test('because a script runs in it is asked some times a second, and not as often as it refuses', async () => {
    const redis = opened.use(await connected(server.url))
    const busy = opened.use(await connected(server.url))
    // It refuses whatever it is asked from then on; the first command has timed out before.
    await server.redis.config('SET', 'busy-reply-threshold', '1500')
    await server.redis.config('RESETSTAT')
    const endless = busy.eval('while true do end', 0).catch(() => {})
    const whyNone = (): Promise<string> =>
      redis.get('x').then(
        () => '',
        ({ message }: Error) => message,
      )
    await waitFor(async () => (await whyNone()) === 'Command timed out', SOON)
    await waitFor(() => redis.status !== 'ready', SOON)
    await waitFor(async () => (await server.redis.script('KILL')) === 'OK', SOON)
    await endless
    await waitFor(async () => (await redis.get('x')) === null, SOON)
    const [, refused = '0'] =
      /cmdstat_ping:.*rejected_calls=(\d+)/.exec(await server.redis.info('commandstats')) ?? []
    expect(Number(refused)).toBeGreaterThan(0)
    expect(Number(refused)).toBeLessThan(200)
  })

  test('is told by health, and holds up no answer of the API for over a second', async () => {
    const stores = opened.use(await startStores())
    const one = device('one')
    const place = { vmUrl: stores.vmUrl, redisUrl: server.url }
    const api = opened.use(await startApi(place, inventoryOf(one)))
    await feed(stores.victoriaMetrics, [ping(one, slot(), 0.01)])
    await waitFor(async () => (await api.get('/api/v1/devices')).status === 200)
    server.freeze()
    const cookie = { cookie: 'wardline=abc; __Host-wardline=abc' }
    const paths = ['/api/v1/devices', '/api/v1/silences', '/api/v1/health', '/readyz']
    const startedAt = performance.now()
    for (const path of paths) await api.get(path, cookie).catch(() => null)
    // One of them waited for one command, for 0.8 s. If each did, it would be 3.2 s.
    expect(performance.now() - startedAt).toBeLessThan(2_400)
    await waitFor(
      async () => /slow|away/.test((await api.get('/api/v1/health')).body.components.redis.status),
      SOON,
    )
    server.thaw()
    await waitFor(
      async () => (await api.get('/api/v1/health')).body.components.redis.status === 'ok',
      SOON,
    )
  })
})

describe('a Redis that is full', () => {
  test('gives what it has, takes nothing, and health says why', async () => {
    const redis = opened.use(await connected(server.url))
    const decisions = opened.use(await openDecisions({ redis, clock: systemClock, log }))
    const silence = await decisions.putSilence(DRAFT)
    const times = { idleMs: 3_600_000, lifetimeMs: 3_600_000 }
    let now = Date.now()
    const sessions = createSessions(redis, { now: () => now }, times)
    const session = await sessions.open({ user: 'nino', epoch: 'e' })
    const watch = await watched()
    await server.redis.config('SET', 'maxmemory', '1')

    const refused = { reason: 'unavailable', message: expect.stringContaining('it is full') }
    await expect(decisions.putSilence(DRAFT)).rejects.toMatchObject(refused)
    await expect(decisions.expireSilence(silence.id, 'nino')).rejects.toMatchObject(refused)
    await decisions.refresh()
    expect(decisions.current.silences).toHaveLength(1)
    now += 20 * 60_000 // when a session gets another id
    expect(await sessions.use(session)).toMatchObject({ session: { user: 'nino' }, next: null })
    await beaten(watch, 'refusing')
    expect(troublesOf(watch)).toMatch(/it is full: give it more memory/)

    await server.redis.config('SET', 'maxmemory', '0')
    await beaten(watch, 'ok')
    await decisions.putSilence(DRAFT)
  })

  test('or evicts what it has is told before anything is lost', async () => {
    await server.redis.config('SET', 'maxmemory', '100mb')
    await server.redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    const watch = await watched()
    await waitFor(() => /noeviction/.test(troublesOf(watch)), SOON)
  })
})

describe('a Redis that went back', () => {
  test('is noticed by every process, and health says how far', async () => {
    const [one, other] = [await watched(), await watched()]
    let heard = 0
    for (const watch of [one, other]) watch.onLost(() => heard++)
    await Promise.all([one.beat(), other.beat()])
    await server.backUp()
    const kept = await one.beat()
    await waitFor(async () => (await one.beat()).at >= kept.at + 1_000, SOON) // the time that is lost
    await other.beat()
    await server.restore()
    await waitFor(() => heard === 2, SOON)
    await waitFor(() => one.state.lostMs !== null && one.state.lostMs >= 1_000, SOON)
    expect(troublesOf(one)).toMatch(/^Redis had lost the last .* of its data at 20/)
  })

  test('killed, and started over its file, lost nothing', async () => {
    const durable = opened.use(await startServer('--appendonly', 'yes'))
    const watch = await watched(durable.url)
    let heard = 0
    watch.onLost(() => heard++)
    await watch.beat()
    await durable.kill()
    await waitFor(() => watch.state.status === 'away', SOON)
    await durable.start()
    await waitFor(() => watch.state.status === 'ok', SOON)
    await watch.beat()
    expect([heard, troublesOf(watch)]).toEqual([0, ''])
  })
})

describe('a master behind Sentinel', () => {
  test.each(['killed', 'frozen'])(
    'that is %s is followed by its replica, and what that had not heard of is put back',
    async (how) => {
      const replica = opened.use(
        await startServer(
          '--replicaof',
          '127.0.0.1',
          String(server.port),
          '--repl-diskless-load',
          'swapdb',
        ),
      )
      const { port } = opened.use(await startSentinel(server.port))
      const url = `redis+sentinel://127.0.0.1:${port}/mymaster`
      const redis = connectRedis(url, log)
      opened.defer(() => redis.disconnect())
      await waitFor(() => redis.status === 'ready', SOON)
      const { log: told } = recordLog()
      const decisions = opened.use(await openDecisions({ redis, clock: systemClock, log: told }))
      await redis.set('before', '1')
      await waitFor(async () => (await replica.redis.get('before')) === '1', SOON)
      // Nor does it hear of what is decided now: its connection ends, and it isn't let in again.
      await replica.redis.config('SET', 'masterauth', 'another')
      await replica.redis.call('CLIENT', 'KILL', 'TYPE', 'master')
      const { id } = await decisions.putSilence(DRAFT)
      expect(await replica.redis.hget('wardline:decisions:silences', id)).toBeNull()

      if (how === 'killed') await server.kill()
      else server.freeze()
      await waitFor(async () => (await redis.set('after', '1')) === 'OK', { timeoutMs: 20_000 })
      expect(await replica.redis.get('after')).toBe('1')
      expect(await redis.get('before')).toBe('1')
      await waitFor(
        async () => (await replica.redis.hexists('wardline:decisions:silences', id)) === 1,
        SOON,
      )
      expect(decisions.current.silences.map((silence) => silence.id)).toEqual([id])
    },
  )
})

test('a node of a Redis Cluster is told apart: it is not supported', async () => {
  const node = opened.use(await startServer('--cluster-enabled', 'yes'))
  const watch = await watched(node.url)
  await waitFor(
    () => /Redis Cluster, which wardline does not support/.test(troublesOf(watch)),
    SOON,
  )
})
