import { Redis } from 'ioredis'
import type { Logger } from './log.ts'

export type { Redis } from 'ioredis'

/**
 * The one door to Redis. `url` is redis://, rediss:// or unix:///path. Commands fail at once while it is away
 * (monitoring goes on without it); the connection is restored by itself.
 */
export function connectRedis(url: string, log: Logger): Redis {
  const options = {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    connectTimeout: 3_000,
    commandTimeout: 3_000,
    lazyConnect: true,
    retryStrategy: (tries: number) => Math.min(100 * tries, 2_000),
  }
  const redis = url.startsWith('unix://')
    ? new Redis({ ...options, path: url.slice('unix://'.length) })
    : new Redis(url, options)
  let told = false
  redis.on('error', (error: Error) => {
    if (!told) log.warn({ reason: error.message }, 'Redis is away')
    told = true
  })
  redis.on('ready', () => {
    if (told) log.info('Redis is back')
    told = false
  })
  redis.connect().catch(() => {}) // told by the error event; retried by the strategy
  return redis
}
