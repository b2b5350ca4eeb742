import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { outagesOf, readTruth } from '../../../lab/truth.ts'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

const WARDLINE = fileURLToPath(new URL('../../../bin/wardline.ts', import.meta.url))
const NEEDED = ['fping', 'victoria-metrics', 'redis-server', 'setpriv', 'ps']

type Listed = { readonly id: string; readonly status: string; readonly down_since: string | null }
type Demo = {
  readonly child: ChildProcess
  readonly output: () => string
  readonly url: string
  readonly truth: string
}

let directory = ''
let port = 0
const started: ChildProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-demo-'))
  port = await freePort()
})
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await rm(directory, { recursive: true })
})

function startDemo(args: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): Demo {
  const dataDir = join(directory, 'demo')
  const options = ['--devices', '60', '--data-dir', dataDir, '--port', String(port), ...args]
  const child = spawn(process.execPath, [WARDLINE, 'demo', ...options], { env })
  started.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  const url = `http://127.0.0.1:${port}`
  return { child, output: () => output, url, truth: join(dataDir, 'truth.jsonl') }
}

async function isReady({ child, output, url }: Demo): Promise<void> {
  await waitFor(() => output().includes(`${url}\n`) || child.exitCode !== null, {
    timeoutMs: 40_000,
    what: 'the page',
  })
  expect(child.exitCode, output()).toBeNull()
}

async function devicesOf({ url }: Demo): Promise<Listed[]> {
  return (await (await fetch(`${url}/api/v1/devices`)).json()) as Listed[]
}

/** A PATH with all that wardline needs, and without unshare. */
async function pathWithoutUnshare(): Promise<string> {
  const bin = join(directory, 'bin')
  await mkdir(bin)
  for (const name of NEEDED) {
    const { stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' })
    await symlink(stdout.trim(), join(bin, name))
  }
  return bin
}

/** The processes below one, however they are nested. */
function descendants(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const below = (parent: number): number[] =>
    pairs.flatMap(([child = 0, of]) => (of === parent ? [child, ...below(child)] : []))
  return below(pid)
}

function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z')
}

describe('the demo', () => {
  test('shows on the page what the truth log says is down, tells it to a webhook, and prints the link that makes the first admin', async () => {
    const demo = startDemo()
    await isReady(demo)
    const lasting = outagesOf(readTruth(demo.truth)).filter(({ up }) => up === null)
    expect(lasting.length).toBeGreaterThan(0)
    const isShown = async () => {
      const shown = new Map((await devicesOf(demo)).map((device) => [device.id, device]))
      const open = outagesOf(readTruth(demo.truth)).filter(({ up }) => up === null)
      return (
        shown.size === 60 &&
        open.every(({ device }) => shown.get(device)?.down_since !== null) &&
        [...shown.values()].every(
          ({ id, status }) => status === 'up' || open.some(({ device }) => device === id),
        )
      )
    }
    await waitFor(isShown, { timeoutMs: 40_000, intervalMs: 500, what: 'the truth on the page' })
    await waitFor(() => demo.output().includes('▼ DeviceDown'), { timeoutMs: 20_000 })
    expect(demo.output()).toContain(`  ${demo.url}/login#code=`)
  })

  test('ends within 10 s of SIGTERM, and leaves no process behind', async () => {
    const demo = startDemo()
    await isReady(demo)
    const below = descendants(demo.child.pid ?? 0)
    expect(below.length).toBeGreaterThanOrEqual(5)
    const startedAt = performance.now()
    demo.child.kill('SIGTERM')
    const [code] = (await once(demo.child, 'exit')) as [number]
    expect(code).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(10_000)
    expect(below.filter(isRunning)).toEqual([])
  })

  test('ends with all that belongs to it when its first process is killed', async () => {
    const demo = startDemo()
    await isReady(demo)
    const below = descendants(demo.child.pid ?? 0)
    demo.child.kill('SIGKILL')
    await waitFor(() => below.filter(isRunning).length === 0, {
      timeoutMs: 12_000,
      what: 'the end of its processes',
    })
  })

  test('names the port that is in use and the option for another', async () => {
    const other = createServer().listen(port, '127.0.0.1')
    await once(other, 'listening')
    const { child, output } = startDemo()
    const [code] = (await once(child, 'exit')) as [number]
    other.close()
    expect(output().trim()).toBe(
      `port ${port} is in use by another program: end that program, or choose another port with --port`,
    )
    expect(code).toBe(2)
  })

  test('refuses a number that is none', async () => {
    const { child, output } = startDemo(['--devices', 'many'])
    const [code] = (await once(child, 'exit')) as [number]
    expect([code, output().trim()]).toEqual([
      2,
      '--devices: expected a whole number from 1 to 20000',
    ])
  })

  test('falls back to loopback addresses without namespaces, and says what that costs', async () => {
    const demo = startDemo([], { ...process.env, PATH: await pathWithoutUnshare() })
    await isReady(demo)
    expect(demo.output()).toContain('No network namespace: unshare is not installed')
    expect(demo.output()).toContain('Only SNMP outages are simulated')
    await waitFor(
      async () => {
        const devices = await devicesOf(demo)
        return devices.length === 60 && devices.every(({ status }) => status === 'up')
      },
      { timeoutMs: 40_000, intervalMs: 500, what: 'all devices up' },
    )
  })
})
