import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createLog } from '../../../lib/log.ts'
import { type Redis, connectRedis } from '../../../lib/redis.ts'
import { recordLog } from '../../fakes/log.ts'
import { type Stores, freePort, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

let stores: Stores
beforeEach(async () => {
  stores = await startStores()
})
afterEach(() => stores[Symbol.asyncDispose]())

const connected = async (redis: Redis): Promise<void> =>
  void (await waitFor(() => redis.status === 'ready', { what: 'the connection to Redis' }))

/** The store's socket at a TCP port too, as most Redis servers are reached. */
async function overTcp(socket: string): Promise<AsyncDisposable & { url: string }> {
  const port = await freePort()
  const server = createServer((client) => {
    const upstream = connect(socket)
    client.pipe(upstream).pipe(client)
    for (const end of [client, upstream]) end.on('error', () => {})
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('Redis', () => {
  test('is reached by a unix socket and by TCP', async () => {
    await stores.redis.set('wardline:x', 'თბილისი 🛰️')
    await using tcp = await overTcp(stores.redisUrl.slice('unix://'.length))
    const other = connectRedis(tcp.url, createLog('silent'))
    await connected(other)
    expect(await other.get('wardline:x')).toBe('თბილისი 🛰️')
    other.disconnect()
  })

  test('that is away lets commands fail at once: nobody waits for it', async () => {
    const log = recordLog()
    const redis = connectRedis(`redis://127.0.0.1:${await freePort()}`, log.log)
    await waitFor(() => log.lines.length > 0, { what: 'the first failure' })
    const startedAt = performance.now()
    await expect(redis.get('wardline:x')).rejects.toThrow()
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    await waitFor(() => redis.status === 'reconnecting' || redis.status === 'connecting')
    redis.disconnect()
    expect(log.lines.map(({ msg }) => msg)).toEqual(['Redis is away'])
  })

  test('killed with -9 is reached again by itself, and both is told once', async () => {
    const log = recordLog()
    const redis = connectRedis(stores.redisUrl, log.log)
    await connected(redis)
    process.kill(stores.pids().redis ?? Number.NaN, 'SIGKILL')
    await waitFor(() => redis.status !== 'ready', { what: 'the broken connection' })
    await waitFor(async () => (await redis.ping()) === 'PONG', { what: 'Redis to answer again' })
    redis.disconnect()
    const told = log.lines.map(({ msg }) => msg)
    expect(told.length === 0 || told.join() === 'Redis is away,Redis is back').toBe(true)
  })
})
