import { once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Modules, loadModules } from '../collector/snmp/load-modules.ts'
import { isAbort } from '../lib/clock.ts'
import { ConfigError, type LoadedConfig, readConfig } from '../lib/config/load.ts'
import type { Config } from '../lib/config/schema.ts'
import { openStores } from '../lib/embedded/stores.ts'
import { requestedAt } from '../lib/http-listen.ts'
import { openEditedInventory } from '../lib/inventory/edits/edited-inventory.ts'
import { keepNotes } from '../lib/inventory/edits/keep-notes.ts'
import { watchInventory } from '../lib/inventory/files.ts'
import { type Logger, chooseLogLevel, createLog } from '../lib/log.ts'
import { type Redis, connectRedis } from '../lib/redis.ts'
import { SERVICE_NAMES, type Service, type ServiceName } from '../lib/service.ts'
import { StartError } from '../lib/start-error.ts'
import { createSteadyClock } from '../lib/steady-clock.ts'
import { connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { boundHeap } from './heap.ts'
import { version } from './version.ts'

// Imported when they run: one service alone doesn't carry the others in memory.
const SERVICES: Record<ServiceName, (modules: Modules['modules']) => Promise<Service>> = {
  collector: async (modules) => (await import('../collector/main.ts')).collectorOf(modules),
  alerting: async () => (await import('../alerting/main.ts')).runAlerting,
  api: async () => (await import('../api/main.ts')).runApi,
}

/** How long a service may take to end after the signal; the embedded stores need the rest of the 10 s. */
const SERVICES_END_MS = 5_000
/** A configured VictoriaMetrics that takes longer than this for an answer at the start is told of. */
const STORE_ANSWER_MS = 5_000
const REDIS_WAIT_MS = 3_000

export type Wiring = {
  readonly configPath: string
  readonly services?: readonly ServiceName[]
  /** Whether stores that have no URL are started here. Without it, both URLs must be configured. */
  readonly embed: boolean
}

/** Builds what the services need and runs them until the signal aborts; the stores end after them. */
export async function main(wiring: Wiring, signal: AbortSignal): Promise<void> {
  using _heap = boundHeap(requestedAt)
  try {
    await wire(wiring, signal)
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  }
}

async function wire(
  { configPath, services = SERVICE_NAMES, embed }: Wiring,
  signal: AbortSignal,
): Promise<void> {
  const source = await readConfig(configPath)
  if (services.includes('alerting')) await refuseTemplates(source)
  const { modules, names, credentials } = await loadModules(source)
  const config = {
    ...source.config,
    credentials: { ...credentials, ...source.config.credentials },
  }
  if (!embed) requireUrls(config, configPath)
  const log = createLog(chooseLogLevel(config.log_level))

  await using stack = new AsyncDisposableStack()
  const files = await watchInventory(
    {
      config: source.config,
      configPath,
      log,
      snmpModules: names,
      moduleCredentials: Object.keys(credentials),
    },
    signal,
  )
  const stores = stack.use(await openStores(config, log, signal))
  const redis = connectRedis(stores.redisUrl, log)
  stack.defer(() => redis.disconnect())
  await connected(redis)
  signal.throwIfAborted()
  const authority = stack.use(connectVictoriaMetrics(stores.vmUrl, { connections: 1 }))
  const clock = createSteadyClock({ victoriaMetrics: authority, log }, signal)
  const inventory = stack.use(
    await openEditedInventory({
      source: files,
      redis,
      dataDir: resolve(config.data_dir),
      clock,
      log,
      firstReadMs: 0, // that was waited for
    }),
  )
  if (services.includes('api'))
    stack.use(await keepNotes({ redis, dataDir: resolve(config.data_dir), clock, log }))
  log.info(
    { version, services, devices: inventory.current.size, embedded: stores.embedded },
    'wardline runs',
  )
  if (!stores.embedded.includes('victoriametrics')) void tellIfUnusable(stores.vmUrl, log, signal)

  const deps = {
    config,
    configPath,
    inventory,
    redis,
    clock,
    version,
    mode: stores.embedded.length > 0 ? ('standalone' as const) : ('distributed' as const),
  }
  await together(
    services.map((name) => ({
      name,
      run: async (ends) => {
        const service = await SERVICES[name](modules)
        await using victoriaMetrics = connectVictoriaMetrics(stores.vmUrl)
        await service({ ...deps, victoriaMetrics, log: log.child({ service: name }) }, ends)
      },
    })),
    log,
    signal,
  )
}

/** Templates that can't be read: told with their place in the file, before anything is started. */
async function refuseTemplates(source: LoadedConfig): Promise<void> {
  const { checkReceivers } = await import('./notify/check.ts')
  const problems = checkReceivers(source)
  if (problems.length > 0) throw new ConfigError(problems)
}

function requireUrls(config: Config, configPath: string): void {
  const missing = [
    ...(config.victoriametrics.url === undefined ? ['victoriametrics.url'] : []),
    ...(config.redis.url === undefined ? ['redis.url'] : []),
  ]
  if (missing.length === 0) return
  throw new StartError(
    `${configPath}: ${missing.join(' and ')} must be set for \`wardline run\`, whose services meet there ` +
      '(`wardline up` starts stores of its own)',
  )
}

/** The services cope with a VictoriaMetrics that is away: nobody waits, but what to look at is said once. */
async function tellIfUnusable(url: string, log: Logger, signal: AbortSignal): Promise<void> {
  await using victoriaMetrics = connectVictoriaMetrics(url, { connections: 1 })
  try {
    await victoriaMetrics.query('vector(1)', { timeoutMs: STORE_ANSWER_MS, signal })
  } catch (error) {
    if (signal.aborted) return
    log.warn(
      { url: victoriaMetrics.url, reason: (error as Error).message },
      "VictoriaMetrics can't be used yet: check victoriametrics.url",
    )
  }
}

/** So that the first commands find the connection. Without Redis the services go on, degraded. */
async function connected(redis: Redis): Promise<void> {
  if (redis.status === 'ready') return
  await once(redis, 'ready', { signal: AbortSignal.timeout(REDIS_WAIT_MS) }).catch(() => {})
}

type Running = {
  readonly name: ServiceName
  readonly run: (signal: AbortSignal) => Promise<void>
}

/**
 * Runs all until the signal aborts or one of them fails, which ends the others and is thrown. One that doesn't
 * end in its time is left behind, and that is thrown, too.
 */
async function together(
  services: readonly Running[],
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController()
  const ends = AbortSignal.any([signal, failed.signal])
  const left = new Set(services.map(({ name }) => name))
  const all = Promise.all(
    services.map(async ({ name, run }) => {
      try {
        await run(ends)
        if (!ends.aborted) throw new Error(`${name} ended by itself`)
      } catch (error) {
        // Before the end it is thrown below; after it this is the only trace.
        if (ends.aborted && !isAbort(error, ends))
          log.error({ err: error, service: name }, 'failed')
        failed.abort(error)
      } finally {
        left.delete(name)
      }
    }),
  )
  await Promise.race([all, aborted(ends).then(() => delay(SERVICES_END_MS, null, { ref: false }))])
  if (failed.signal.aborted && !signal.aborted) throw failed.signal.reason
  if (left.size > 0) {
    throw new Error(`${[...left].join(', ')} did not end within ${SERVICES_END_MS} ms`)
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
