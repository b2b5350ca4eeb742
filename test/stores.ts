import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
}

export async function startStores(): Promise<Stores> {
  await using started = new AsyncDisposableStack()
  const directory = await mkdtemp(join(tmpdir(), 'wardline-test-'))
  started.defer(() => rm(directory, { recursive: true, force: true }))
  const port = await freePort()
  const vmUrl = `http://127.0.0.1:${port}`
  const redisUrl = `unix://${join(directory, 'redis.sock')}`

  const vm = spawn('victoria-metrics', [
    `-httpListenAddr=127.0.0.1:${port}`,
    `-storageDataPath=${join(directory, 'victoria-metrics')}`,
    '-retentionPeriod=100y',
    '-dedup.minScrapeInterval=1ms',
    '-search.latencyOffset=0s',
    '-loggerLevel=ERROR',
    '-memory.allowedPercent=20',
  ])
  started.defer(() => end(vm))
  const server = spawn('redis-server', [
    '--port',
    '0',
    '--unixsocket',
    join(directory, 'redis.sock'),
    '--dir',
    directory,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ])
  started.defer(() => end(server))

  const victoriaMetrics = started.use(connectVictoriaMetrics(vmUrl))
  const redis = connectRedis(redisUrl, createLog('silent'))
  started.defer(() => redis.disconnect())
  await waitFor(() => victoriaMetrics.healthy(), { what: 'VictoriaMetrics' })
  await waitFor(async () => redis.status === 'ready' && (await redis.ping()), { what: 'Redis' })

  const owned = started.move()
  return {
    victoriaMetrics,
    redis,
    vmUrl,
    redisUrl,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** A TCP port on 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return address.port
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
