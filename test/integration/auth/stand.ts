import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Auth, openAuth } from '../../../api/auth/auth.ts'
import { startRedis } from '../../../lib/embedded/redis.ts'
import { type Config, configSchema } from '../../../lib/config/schema.ts'
import { createLog } from '../../../lib/log.ts'
import { type Redis, connectRedis } from '../../../lib/redis.ts'
import { type ManualClock, manualClock } from '../../fakes/clock.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { vectorsOf } from '../../unit/api/fleet-vectors.ts'
import { standOver } from '../../unit/api/stand.ts'
import { waitFor } from '../../wait.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what each test checks
export type Answer = { status: number; headers: Headers; body: any; cookie: string | null }

export type Asking = {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** The peer of the connection. */
  readonly from?: string
}

export type Replica = {
  readonly auth: Auth
  readonly clock: ManualClock
  ask(path: string, asking?: Asking): Promise<Answer>
}

export type AuthStand = AsyncDisposable & {
  readonly redis: Redis
  /** Of the Redis. */
  readonly url: string
  /** Another process of the API, over the same Redis. */
  replica(config?: object): Promise<Replica & { cut(): void }>
  /** Ends the replicas, which would put back what they know, and empties the Redis. */
  empty(): Promise<void>
  /** Everything that is kept, as one text. */
  everything(): Promise<string>
}

export const PASSWORD = 'a horse, a battery, a staple'

/** A real Redis, and the whole app in front of it; the fleet is made up. */
export async function startAuthStand(): Promise<AuthStand> {
  await using started = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'wardline-auth-'))
  started.defer(() => rm(directory, { recursive: true, force: true }))
  const log = createLog('silent')
  const server = started.use(await startRedis(directory, log, new AbortController().signal))
  const connect = async (): Promise<Redis> => {
    const redis = connectRedis(server.url, log)
    started.defer(() => redis.disconnect())
    await waitFor(() => redis.status === 'ready', { what: 'the connection to Redis' })
    return redis
  }
  const redis = await connect()
  const owned = started.move()
  let running: AsyncDisposable[] = []
  return {
    redis,
    url: server.url,
    async replica(config = {}) {
      const own = connectRedis(server.url, log)
      owned.defer(() => own.disconnect())
      await waitFor(() => own.status === 'ready', { what: 'the connection to Redis' })
      const clock = manualClock(Date.now())
      const parsed: Config = configSchema.parse(config)
      const auth = await openAuth({ config: parsed, redis: own, clock, log })
      owned.use(auth)
      running.push(auth)
      const { app } = await standOver(
        inventoryOf(
          device('w-1', { region: 'West', branch: 'Gori' }),
          device('e-1', { region: 'East', branch: 'Vake' }),
        ),
        vectorsOf(
          { id: 'w-1', up: true, sampleAgo: 1_000 },
          { id: 'e-1', up: false, sinceAgo: 60_000, sampleAgo: 1_000 },
        ),
        {},
        { auth },
      )
      return {
        auth,
        clock,
        cut: () => own.disconnect(),
        async ask(path, { method = 'GET', body, headers = {}, from = '192.0.2.1' } = {}) {
          const response = await app.request(
            path,
            {
              method,
              headers: {
                ...(body === undefined ? {} : { 'content-type': 'application/json' }),
                ...headers,
              },
              ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            },
            { incoming: { socket: { remoteAddress: from } } },
          )
          const text = await response.text()
          const isJson = response.headers.get('content-type')?.includes('json') === true
          const [set] = response.headers.getSetCookie()
          return {
            status: response.status,
            headers: response.headers,
            body: isJson && text !== '' ? JSON.parse(text) : text,
            cookie: set === undefined ? null : (set.split(';')[0] ?? null),
          }
        },
      }
    },
    async empty() {
      await Promise.all(running.map((each) => each[Symbol.asyncDispose]()))
      running = []
      await redis.flushall()
    },
    async everything() {
      const keys = await redis.keys('*')
      const dumps = await Promise.all(keys.map((key) => contentOf(redis, key)))
      return [...keys, ...dumps].join('\n')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function contentOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case 'string':
      return (await redis.get(key)) ?? ''
    case 'hash':
      return JSON.stringify(await redis.hgetall(key))
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'))
    default:
      throw new Error(`${key} is of a type that is not looked into`)
  }
}

/** As the page of wardline sends it. */
export const bySession = (cookie: string | null): Record<string, string> => ({
  cookie: cookie ?? '',
  'sec-fetch-site': 'same-origin',
})

export const byToken = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
})
