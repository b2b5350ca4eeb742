import { resolve } from 'node:path'
import type { Config } from '../config/schema.ts'
import type { Logger } from '../log.ts'
import { startRedis } from './redis.ts'
import { startVictoriaMetrics } from './victoria-metrics.ts'

/** Where the two stores are; those that run inside wardline end with it. */
export type Stores = AsyncDisposable & {
  readonly vmUrl: string
  readonly redisUrl: string
  readonly embedded: readonly ('victoriametrics' | 'redis')[]
  /** The processes of the embedded ones that run now. */
  pids(): number[]
}

/**
 * The configured stores; where a URL isn't configured, a store of our own under `data_dir`. The signal ends a
 * start that is under way, not the stores: they end when disposed.
 */
export async function openStores(
  config: Pick<Config, 'data_dir' | 'victoriametrics' | 'redis'>,
  log: Logger,
  signal: AbortSignal,
): Promise<Stores> {
  const dataDir = resolve(config.data_dir)
  await using started = new AsyncDisposableStack()
  const vm =
    config.victoriametrics.url === undefined
      ? started.use(await startVictoriaMetrics(config.victoriametrics, dataDir, log, signal))
      : null
  const redis =
    config.redis.url === undefined ? started.use(await startRedis(dataDir, log, signal)) : null
  started.move()
  return {
    vmUrl: vm?.url ?? config.victoriametrics.url ?? '',
    redisUrl: redis?.url ?? config.redis.url ?? '',
    embedded: [...(vm ? ['victoriametrics' as const] : []), ...(redis ? ['redis' as const] : [])],
    pids: () => [vm?.pid, redis?.pid].filter((pid) => typeof pid === 'number'),
    async [Symbol.asyncDispose]() {
      await Promise.all([vm?.[Symbol.asyncDispose](), redis?.[Symbol.asyncDispose]()])
    },
  }
}
