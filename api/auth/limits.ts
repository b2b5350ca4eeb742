import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { digestOf } from '../../lib/auth/token-text.ts'
import type { Redis } from '../../lib/redis.ts'
import { Problem } from '../problem.ts'

/** How often something may be done: so many times within so many seconds, by one key. */
const LIMITS = {
  'sign-in-address': { points: 30, seconds: 300, what: 'sign-ins from this address' },
  'sign-in-name': { points: 10, seconds: 600, what: 'failed sign-ins under this name' },
  'sign-in-oidc': { points: 30, seconds: 300, what: 'sign-ins from this address' },
  token: { points: 30, seconds: 300, what: 'tokens from this address that are none' },
  write: { points: 120, seconds: 60, what: 'writes' },
  diagnostics: { points: 6, seconds: 60, what: 'diagnostics' },
} as const
export type LimitName = keyof typeof LIMITS

/**
 * Counted in Redis, for all replicas; in this process while that is away. Keys are kept as digests: what was typed for a
 * name may be a password.
 */
export type Limits = {
  /** One more by this key; rejects with Problem 429, which says how long to wait. */
  take(name: LimitName, key: string): Promise<void>
  /** Rejects as `take` does, when the next one would, and counts nothing. */
  check(name: LimitName, key: string): Promise<void>
  forget(name: LimitName, key: string): Promise<void>
}

export function createLimits(redis: Redis): Limits {
  const limiters = new Map(
    Object.entries(LIMITS).map(([name, { points, seconds: duration }]) => {
      const of = { points, duration, keyPrefix: `wardline:limit:${name}` }
      return [
        name,
        new RateLimiterRedis({
          ...of,
          storeClient: redis,
          rejectIfRedisNotReady: true,
          insuranceLimiter: new RateLimiterMemory(of),
        }),
      ]
    }),
  )
  const limiterOf = (name: LimitName): RateLimiterRedis => {
    const limiter = limiters.get(name)
    if (limiter === undefined) throw new Error(`no limit is called ${name}`)
    return limiter
  }
  return {
    async take(name, key) {
      try {
        await limiterOf(name).consume(digestOf(key))
      } catch (error) {
        throw error instanceof RateLimiterRes ? tooMany(name, error.msBeforeNext) : error
      }
    },
    async check(name, key) {
      const found = await limiterOf(name).get(digestOf(key))
      if (found !== null && found.consumedPoints >= LIMITS[name].points)
        throw tooMany(name, found.msBeforeNext)
    },
    forget: async (name, key) => void (await limiterOf(name).delete(digestOf(key))),
  }
}

function tooMany(name: LimitName, ms: number): Problem {
  const { points, seconds, what } = LIMITS[name]
  const wait = Math.max(1, Math.ceil(ms / 1000))
  return new Problem(
    429,
    'Too many',
    `more than ${points} ${what} in ${seconds} s: try again in ${wait} s`,
    { retry_after_seconds: wait },
  )
}
