import { setTimeout as delay } from 'node:timers/promises'
import { join, resolve } from 'node:path'
import { systemClock } from '../../lib/clock.ts'
import { type LoadedConfig, readConfig } from '../../lib/config/load.ts'
import type { Config } from '../../lib/config/schema.ts'
import { type Decided, understand } from '../../lib/decisions/decided.ts'
import type { Kind } from '../../lib/decisions/change.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import { type Edits, createEdits } from '../../lib/decisions/edits.ts'
import { createDecisionStore } from '../../lib/decisions/store.ts'
import { socketPath } from '../../lib/embedded/redis.ts'
import { createLog } from '../../lib/log.ts'
import { type Redis, connectRedis } from '../../lib/redis.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Output } from '../output.ts'

/** What the commands about decisions work with: the configuration, and what is kept in its Redis. */
export type Desk = {
  readonly source: LoadedConfig
  readonly edits: Edits
  readonly redis: Redis
  readonly now: number
  /** What is in force or was lately, those of the configuration included. Entries that make no sense are told. */
  read(): Promise<Decided>
  /** Of all that is kept, also of what makes no sense: that can be removed, too. */
  ids(kind: Kind): Promise<string[]>
}

const CONNECT_MS = 3_000

/** Runs the work against the Redis of the configuration; problems become StartError, for a person. */
export async function atDesk(
  configPath: string,
  output: Output,
  work: (desk: Desk) => Promise<number>,
): Promise<number> {
  const source = await readConfig(configPath)
  const { config } = source
  const url = config.redis.url ?? embeddedUrl(config)
  const redis = connectRedis(url, createLog('silent'))
  try {
    await reached(redis, config)
    const store = createDecisionStore(redis)
    const now = systemClock.now()
    return await work({
      source,
      edits: createEdits({ store, clock: systemClock }),
      redis,
      now,
      async read() {
        const { decided, corrupt } = understand(await store.read(), now)
        for (const { kind, id, reason } of corrupt)
          output.error(`the ${kind} ${id} makes no sense and isn't in force: ${reason}`)
        return { ...decided, windows: [...config.maintenance, ...decided.windows] }
      },
      async ids(kind) {
        return Object.keys((await store.read()).entries[kind])
      },
    })
  } catch (error) {
    if (error instanceof DecisionError) throw new StartError(error.message, { cause: error })
    throw error
  } finally {
    redis.disconnect()
  }
}

/** Of the Redis that `wardline up` starts under data_dir. */
const embeddedUrl = (config: Config): string =>
  `unix://${socketPath(join(resolve(config.data_dir), 'redis'))}`

async function reached(redis: ReturnType<typeof connectRedis>, config: Config): Promise<void> {
  let reason = 'no answer'
  redis.on('error', (error: Error) => (reason = error.message))
  const until = systemClock.now() + CONNECT_MS
  while (redis.status !== 'ready') {
    if (systemClock.now() > until || /ENOENT|ECONNREFUSED|ENOTFOUND/.test(reason)) {
      throw new StartError(
        config.redis.url === undefined
          ? `wardline's own Redis under ${resolve(config.data_dir)} doesn't run (${reason}): start wardline with this configuration first, or set redis.url`
          : `redis.url: Redis can't be reached (${reason}): check that it runs, and the URL`,
      )
    }
    await delay(20)
  }
}
