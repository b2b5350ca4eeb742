import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '../../../lib/log.ts'
import { type Redis, connectRedis } from '../../../lib/redis.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

/** A real redis-server that a test does to what it likes; its only file is what `backUp` wrote. */
export type Server = AsyncDisposable & {
  readonly url: string
  readonly port: number
  /** A connection past wardline's own, to look and to break things with. */
  readonly redis: Redis
  kill(): Promise<void>
  /** Again, on the same port, over the file that there is. */
  start(): Promise<void>
  freeze(): void
  thaw(): void
  /** Keeps the data of now. */
  backUp(): Promise<void>
  /** Kills it, and starts it with the data of the backup. */
  restore(): Promise<void>
}

export async function startServer(...args: string[]): Promise<Server> {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-redis-'))
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let child: ChildProcess | null = null

  async function start(): Promise<void> {
    const settings = ['--port', String(port), '--dir', directory, '--save', '']
    child = spawn('redis-server', [...settings, '--bind', '127.0.0.1', ...args], {
      stdio: 'ignore',
    })
    await waitFor(async () => (await redis.ping()) === 'PONG', { what: 'Redis to answer' })
  }

  async function kill(): Promise<void> {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  const redis = connectRedis(url, createLog('silent'))
  await start()
  const dump = join(directory, 'dump.rdb')
  const kept = join(directory, 'kept.rdb')
  return {
    url,
    port,
    redis,
    kill,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async backUp() {
      await redis.save()
      await copyFile(dump, kept)
    },
    async restore() {
      await kill()
      await copyFile(kept, dump)
      await start()
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect()
      child?.kill('SIGCONT')
      await kill()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A sentinel, alone, that watches the master at `port` under the name `mymaster`. */
export async function startSentinel(port: number): Promise<AsyncDisposable & { port: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-sentinel-'))
  const own = await freePort()
  const file = join(directory, 'sentinel.conf')
  const settings = [
    `port ${own}`,
    `dir ${directory}`,
    `sentinel monitor mymaster 127.0.0.1 ${port} 1`,
    'sentinel down-after-milliseconds mymaster 1000',
    'sentinel failover-timeout mymaster 3000',
  ]
  await writeFile(file, `${settings.join('\n')}\n`)
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const redis = connectRedis(`redis://127.0.0.1:${own}`, createLog('silent'))
  await waitFor(async () => (await redis.ping()) === 'PONG', { what: 'the sentinel to answer' })
  await waitFor(
    async () => {
      const replicas = (await redis.call('SENTINEL', 'replicas', 'mymaster')) as unknown[]
      return replicas.length > 0
    },
    { what: 'the sentinel to know the replica', timeoutMs: 20_000 },
  )
  redis.disconnect()
  return {
    port: own,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A connection as wardline's services have theirs. */
export async function connected(url: string): Promise<Redis & Disposable> {
  const redis = connectRedis(url, createLog('silent'))
  await waitFor(() => redis.status === 'ready', { what: 'the connection to Redis' })
  return Object.assign(redis, { [Symbol.dispose]: () => redis.disconnect() })
}
