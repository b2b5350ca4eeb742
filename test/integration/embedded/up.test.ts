import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type ProcessIdentity, isAlive } from '../../../lib/embedded/process-identity.ts'
import { connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type WardlineProcess, startWardline } from '../../wardline-process.ts'

let folder = ''
let config = ''
let ports = { api: 0, collector: 0, alerting: 0, victoriaMetrics: 0 }
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-up-'))
  config = join(folder, 'wardline.yaml')
  ports = {
    api: await freePort(),
    collector: await freePort(),
    alerting: await freePort(),
    victoriaMetrics: await freePort(),
  }
  await configure({})
})
afterEach(async () => {
  // A wardline that a test killed leaves its stores a moment to end by themselves.
  for (const store of ['victoria-metrics', 'redis']) {
    const child = await childOf(store).catch(() => null)
    await waitFor(() => child === null || !isAlive(child), { what: `the end of ${store}` })
  }
  await rm(folder, { recursive: true, force: true })
})

async function configure(more: Record<string, unknown>): Promise<void> {
  const wanted = {
    data_dir: join(folder, 'data'),
    defaults: { ping: { interval: '1s', count: 1, timeout: '300ms' } },
    inventory: { devices: [{ id: 'a', address: '198.18.0.1' }] },
    victoriametrics: { listen: `127.0.0.1:${ports.victoriaMetrics}` },
    collector: { listen: `127.0.0.1:${ports.collector}` },
    alerting: { listen: `127.0.0.1:${ports.alerting}` },
    api: { listen: `127.0.0.1:${ports.api}` },
    ...more,
  }
  await writeFile(config, stringify(wanted))
}

type Health = { status: string; mode: string; components: { redis: { status: string } } }
const health = async (): Promise<Health> =>
  (await (await fetch(`http://127.0.0.1:${ports.api}/api/v1/health`)).json()) as Health

const childOf = async (store: string): Promise<ProcessIdentity> =>
  (
    JSON.parse(await readFile(join(folder, `data/${store}.pid`), 'utf8')) as {
      child: ProcessIdentity
    }
  ).child

/** Waits for a condition, no longer than wardline runs. */
async function whileRunning<T>(
  wardline: WardlineProcess,
  what: string,
  check: () => Promise<T>,
): Promise<void> {
  const ended = wardline.exited.then((code) => {
    throw new Error(`wardline ended with ${code}: ${wardline.output()}`)
  })
  await Promise.race([waitFor(check, { timeoutMs: 100_000, what }), ended])
}

describe('wardline up', () => {
  test('runs everything in one process, says what it is, and ends all of it on SIGTERM in under 10 s', async () => {
    await using wardline = startWardline(['up', '--config', config])
    await whileRunning(wardline, 'a healthy pipeline', async () => {
      return (await health()).status === 'healthy'
    })
    expect(await health()).toMatchObject({ mode: 'standalone' })
    const children = [await childOf('victoria-metrics'), await childOf('redis')]

    const asked = performance.now()
    wardline.kill('SIGTERM')
    expect(await wardline.exited, wardline.output()).toBe(0)
    expect(performance.now() - asked).toBeLessThan(10_000)
    expect(children.map(isAlive)).toEqual([false, false])
  })

  test.each(['victoria-metrics', 'redis'])(
    'goes on when its %s is killed with -9: samples are stored again and both stores are seen',
    async (store) => {
      await using wardline = startWardline(['up', '--config', config])
      await using client = connectVictoriaMetrics(`http://127.0.0.1:${ports.victoriaMetrics}`)
      const sampleAfter = (at: number) => async () => {
        await client.flush()
        const [newest] = await client.query('tlast_over_time(ping_up[1m])')
        return newest !== undefined && newest.value * 1_000 > at
      }
      await whileRunning(wardline, 'a first sample', sampleAfter(0))
      const killed = await childOf(store)
      process.kill(killed.pid, 'SIGKILL')
      await whileRunning(wardline, 'a sample from after the kill', sampleAfter(Date.now() + 1_000))
      expect((await childOf(store)).pid).not.toBe(killed.pid)
      await whileRunning(wardline, 'both stores in health', async () => {
        const { status, components } = await health()
        return status !== 'unhealthy' && components.redis.status === 'ok'
      })
    },
  )

  test('a second signal ends it at once, and its stores with it', async () => {
    await using wardline = startWardline(['up', '--config', config])
    await waitFor(() => childOf('redis').then(() => true), { what: 'the stores' })
    const children = [await childOf('victoria-metrics'), await childOf('redis')]
    wardline.kill('SIGINT')
    wardline.kill('SIGINT')
    await wardline.exited
    await waitFor(() => !children.some(isAlive), { what: 'the end of the stores' })
  })
})

describe('what a person can mend ends with one clear line and exit code 2', () => {
  async function outcome(args: readonly string[], env: Record<string, string> = {}) {
    await using wardline = startWardline(args, { env })
    const exitCode = await wardline.exited
    const lines = wardline.output().trimEnd().split('\n')
    return { exitCode, lines, text: wardline.output() }
  }

  test.each([
    ['both stores', {}],
    ['Redis alone', { victoriametrics: { url: 'http://127.0.0.1:9' } }],
  ])('data_dir is under a file, for %s: the line names the key', async (_, more) => {
    await configure({ data_dir: join(config, 'data'), ...more })
    const { exitCode, lines } = await outcome(['up', '--config', config])
    expect({ exitCode, lines }).toEqual({
      exitCode: 2,
      lines: [
        `data_dir: ${config}/data: a part of this path is a file, not a directory: set data_dir to a directory`,
      ],
    })
  })

  test('a WARDLINE_LOG_LEVEL that there is not: the line says which there are', async () => {
    const { exitCode, lines } = await outcome(['up', '--config', config], {
      WARDLINE_LOG_LEVEL: 'verbose',
    })
    expect({ exitCode, lines }).toEqual({
      exitCode: 2,
      lines: ['WARDLINE_LOG_LEVEL: expected one of trace, debug, info, warn, error, got "verbose"'],
    })
  })

  test.each(['victoriaMetrics', 'api', 'collector', 'alerting'] as const)(
    'the port of %s is in use: the line names it and the key to change',
    async (name) => {
      await using holder = createServer().listen(ports[name], '127.0.0.1')
      await once(holder, 'listening')
      const { exitCode, text } = await outcome(['up', '--config', config])
      expect(exitCode, text).toBe(2)
      expect(text).toContain(String(ports[name]))
      expect(text).toContain(`${name.toLowerCase()}.listen`)
      expect(text).not.toMatch(/^ +at /m)
    },
  )

  test('a configuration with problems: each is a line', async () => {
    await configure({ collector: { listen: 5002 }, apj: {} })
    const { exitCode, lines } = await outcome(['up', '--config', config])
    expect(exitCode).toBe(2)
    expect(lines).toHaveLength(2)
    expect(lines.every((line) => line.startsWith(config))).toBe(true)
  })

  test('no such configuration file', async () => {
    const { exitCode, lines } = await outcome(['up', '--config', join(folder, 'none.yaml')])
    expect({ exitCode, lines: lines.length }).toEqual({ exitCode: 2, lines: 1 })
  })

  test('no fping', async () => {
    await configure({ collector: { fping: 'no-such-fping' } })
    const { exitCode, text } = await outcome(['up', '--config', config])
    expect(exitCode, text).toBe(2)
    expect(text).toContain('no-such-fping')
    expect(text).not.toMatch(/^ +at /m)
  })

  test('services apart need to know where they meet', async () => {
    const { exitCode, lines } = await outcome(['run', 'api', '--config', config])
    expect(exitCode).toBe(2)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/victoriametrics\.url and redis\.url/)
  })

  test.each([[['run', 'colector']], [['frobnicate']], [['up', '--no-such-option']], [['run']]])(
    'bad usage: wardline %j',
    async (args) => {
      expect((await outcome(args)).exitCode).toBe(2)
    },
  )
})
