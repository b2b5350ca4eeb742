import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identify, isAlive } from '../../../lib/embedded/process-identity.ts'
import { redisArgs, startRedis } from '../../../lib/embedded/redis.ts'
import { startVictoriaMetrics } from '../../../lib/embedded/victoria-metrics.ts'
import { createLog } from '../../../lib/log.ts'
import { connectRedis } from '../../../lib/redis.ts'
import { connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

const log = createLog('silent')
const never = new AbortController().signal
let dataDir = ''
let listen = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'wardline-embedded-'))
  listen = `127.0.0.1:${await freePort()}`
})
afterEach(() => rm(dataDir, { recursive: true, force: true }))

const startVm = () => startVictoriaMetrics({ listen, retention: '13' }, dataDir, log, never)

describe('VictoriaMetrics', () => {
  test('killed with -9, it is there again, with what it had on disk', async () => {
    const at = Date.now() - 60_000
    {
      await using store = await startVm()
      await using client = connectVictoriaMetrics(store.url)
      await client.writeLines(`ping,device=a up=1 ${at}`)
    }
    await using store = await startVm()
    await using client = connectVictoriaMetrics(store.url)
    const killed = store.pid ?? 0
    process.kill(killed, 'SIGKILL')
    await waitFor(async () => store.pid !== killed && (await client.healthy()), {
      what: 'VictoriaMetrics after its restart',
    })
    const found = await client.query('last_over_time(ping_up[5m])')
    expect(found.map(({ labels, value }) => [labels['device'], value])).toEqual([['a', 1]])
  })

  test('a port that is taken is named, with the two keys that help', async () => {
    await using holder = createServer().listen(Number(listen.split(':')[1]), '127.0.0.1')
    await once(holder, 'listening')
    await expect(startVm()).rejects.toThrow(
      new RegExp(`${listen} is in use.*victoriametrics\\.listen.*victoriametrics\\.url`),
    )
  })

  test('nothing of it listens beyond loopback', async () => {
    await using _ = await startVm()
    await using other = connectVictoriaMetrics(`http://198.18.0.1:${listen.split(':')[1]}`)
    expect(await other.healthy()).toBe(false)
  })
})

describe('Redis', () => {
  test('killed with -9, it is there again, with everything that it acknowledged', async () => {
    await using store = await startRedis(dataDir, log, never)
    const client = connectRedis(store.url, log)
    try {
      await waitFor(() => client.status === 'ready')
      for (let n = 0; n < 100; n++) await client.set(`key:${n}`, n)
      const killed = store.pid ?? 0
      process.kill(killed, 'SIGKILL')
      await waitFor(async () => store.pid !== killed && (await client.dbsize()) === 100, {
        what: 'all keys after the restart',
      })
    } finally {
      client.disconnect()
    }
  })

  test('a data directory whose path is too long for a socket works all the same', async () => {
    const deep = join(dataDir, 'x'.repeat(120))
    await using store = await startRedis(deep, log, never)
    const client = connectRedis(store.url, log)
    try {
      await waitFor(() => client.status === 'ready')
      expect(await client.set('key', 'value')).toBe('OK')
    } finally {
      client.disconnect()
    }
  })

  test('a left-over of an earlier wardline in the data directory is ended, and no other process', async () => {
    const directory = join(dataDir, 'redis')
    await mkdir(directory)
    const socket = join(directory, 'redis.sock')
    const leftOver = spawn('redis-server', redisArgs({ directory, socket }))
    const bystander = spawn('sleep', ['60'])
    try {
      const child = await waitFor(() => identify(leftOver.pid ?? 0))
      await writeFile(
        join(dataDir, 'redis.pid'),
        JSON.stringify({ child, keeper: { ...child, pid: 2 ** 22, startTicks: 1 } }),
      )
      await using store = await startRedis(dataDir, log, never)
      expect(isAlive(child)).toBe(false)
      expect(store.pid).not.toBe(leftOver.pid)
      expect(bystander.exitCode).toBeNull()
    } finally {
      leftOver.kill('SIGKILL')
      bystander.kill('SIGKILL')
    }
  })

  test('a data directory that another wardline uses is refused, and that one is left alone', async () => {
    await using first = await startRedis(dataDir, log, never)
    await expect(startRedis(dataDir, log, never)).rejects.toThrow(
      /in use by another wardline.*data_dir/,
    )
    expect(identify(first.pid ?? 0)).not.toBeNull()
  })
})

describe('both stores', () => {
  async function startKeeper() {
    const keeper = spawn(
      process.execPath,
      [join(import.meta.dirname, 'keeper.ts'), dataDir, listen],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const lines = createInterface({ input: keeper.stdout })
    const [line] = (await once(lines, 'line')) as [string]
    const children = (JSON.parse(line) as number[]).map((pid) => identify(pid))
    if (!children.every((child) => child !== null)) throw new Error('expected two children')
    return { keeper, children }
  }

  test('end with a wardline that ends on SIGTERM, which waits for them', async () => {
    const { keeper, children } = await startKeeper()
    keeper.kill('SIGTERM')
    await once(keeper, 'exit')
    expect(children.map(isAlive)).toEqual([false, false])
  })

  test('end with a wardline that is killed with -9, and the next one starts on the same data', async () => {
    const { keeper, children } = await startKeeper()
    keeper.kill('SIGKILL')
    await waitFor(() => children.every((child) => !isAlive(child)), { what: 'the end of both' })
    const next = await startKeeper()
    expect(next.children).toHaveLength(2)
    next.keeper.kill('SIGTERM')
    await once(next.keeper, 'exit')
  })
})
