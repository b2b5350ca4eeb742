import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from './log.ts'
import { breakWhenSlow } from './redis/breaker.ts'
import { whyNot } from './redis/refusal.ts'
import { type SentinelPlace, readRedisUrl } from './redis/url.ts'

export type { Redis } from 'ioredis'

type Options = Omit<RedisOptions, 'replyMapping'>

/** Nobody waits longer for an answer; see breaker.ts for who asks next. */
const ANSWER_MS = 800
const SENTINEL_ANSWER_MS = 1_000
/** A peer that is gone without a word is noticed: so long after its last, and ten unanswered seconds. */
const KEEP_ALIVE_MS = 5_000
/** A replica that takes no writes is left for the master, if there is one now; but not for each write. */
const LOOK_FOR_MASTER_MS = 5_000

/**
 * The one door to Redis; `readRedisUrl` says what `url` may be. Commands fail at once while it is away, and soon when it
 * doesn't answer (monitoring goes on without it); the connection is restored by itself.
 */
export function connectRedis(url: string, log: Logger): Redis {
  let lookedAt = -Infinity
  const options: Options = {
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    connectTimeout: 3_000,
    commandTimeout: ANSWER_MS,
    keepAlive: KEEP_ALIVE_MS,
    lazyConnect: true,
    retryStrategy: waitMs,
    reconnectOnError(error) {
      // Of a script, older Redises say it further behind.
      if (!/\bREADONLY\b/.test(error.message)) return false
      if (performance.now() - lookedAt < LOOK_FOR_MASTER_MS) return false
      lookedAt = performance.now()
      return true
    },
  }
  const redis = new Redis({ ...options, ...placeOptions(url) })
  breakWhenSlow(redis, log)
  let told = false
  redis.on('error', (error: Error) => {
    if (!told) log.warn({ reason: whyNot(error) }, 'Redis is away')
    told = true
  })
  redis.on('ready', () => {
    if (told) log.info('Redis is back')
    told = false
  })
  redis.connect().catch(() => {}) // told by the error event; retried by the strategy
  return redis
}

const waitMs = (tries: number): number => Math.min(100 * tries, 2_000)

function placeOptions(url: string): Options {
  const place = readRedisUrl(url)
  switch (place.kind) {
    case 'socket':
      return { path: place.path }
    case 'server':
      return serverOptions(new URL(place.url))
    case 'sentinel':
      return sentinelOptions(place)
  }
}

function serverOptions(url: URL): Options {
  const { hostname, port, username, password, pathname, protocol } = url
  const db = Number(pathname.slice(1))
  return {
    host: hostname.replace(/^\[|\]$/g, '') || 'localhost',
    port: port === '' ? 6_379 : Number(port),
    username: username === '' ? undefined : decodeURIComponent(username),
    password: password === '' ? undefined : decodeURIComponent(password),
    ...(Number.isInteger(db) && { db }),
    ...(protocol === 'rediss:' && { tls: {} }),
  }
}

function sentinelOptions(place: SentinelPlace): Options {
  const { master, sentinels, username, password, sentinelUsername, sentinelPassword, db } = place
  return {
    name: master,
    sentinels: [...sentinels],
    username,
    password,
    sentinelUsername,
    sentinelPassword,
    db,
    sentinelCommandTimeout: SENTINEL_ANSWER_MS,
    sentinelRetryStrategy: waitMs,
    sentinelReconnectStrategy: waitMs,
    // A master that stands still keeps its connections: the sentinels tell who is it now.
    failoverDetector: true,
    ...(place.tls && { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true }),
  }
}
