import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '../lib/embedded/redis.ts'
import { startVictoriaMetrics } from '../lib/embedded/victoria-metrics.ts'
import { createLog } from '../lib/log.ts'
import { type Redis, connectRedis } from '../lib/redis.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../lib/victoriametrics.ts'
import { waitFor } from './wait.ts'

/** A real VictoriaMetrics and a real Redis of one test, in a directory that goes with them. */
export type Stores = AsyncDisposable & {
  readonly victoriaMetrics: VictoriaMetrics
  readonly redis: Redis
  readonly vmUrl: string
  readonly redisUrl: string
  /** For the services' `data_dir`. */
  readonly dataDir: string
  /** The processes that run now: one that is killed is started again, under another number. */
  pids(): { readonly victoriaMetrics: number | null; readonly redis: number | null }
}

export async function startStores(): Promise<Stores> {
  await using started = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'wardline-test-'))
  started.defer(() => rm(directory, { recursive: true, force: true }))
  const log = createLog('silent')
  const { signal } = new AbortController()
  // Tests write samples of any year.
  const settings = { listen: `127.0.0.1:${await freePort()}`, retention: '100y' }
  const vm = started.use(await startVictoriaMetrics(settings, directory, log, signal))
  const server = started.use(await startRedis(directory, log, signal))
  const victoriaMetrics = started.use(connectVictoriaMetrics(vm.url))
  const redis = connectRedis(server.url, log)
  started.defer(() => redis.disconnect())
  const what = 'the connection to Redis'
  await waitFor(() => redis.status === 'ready', { timeoutMs: 30_000, what })

  const owned = started.move()
  return {
    victoriaMetrics,
    redis,
    vmUrl: vm.url,
    redisUrl: server.url,
    dataDir: join(directory, 'data'),
    pids: () => ({ victoriaMetrics: vm.pid, redis: server.pid }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

// Below what the kernel gives to connections, and from a place of this process's own: no connection takes a port
// between its being handed out and its being listened on, and none is handed out twice.
const PORTS = { first: 10_000, last: 31_999 }
let nextPort = randomInt(PORTS.first, PORTS.last)

/** A TCP port on 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = nextPort
    nextPort = port === PORTS.last ? PORTS.first : port + 1
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}
