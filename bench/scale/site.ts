import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { endingWithParent } from '../../lab/namespace.ts'
import { startRedis } from '../../lib/embedded/redis.ts'
import { startVictoriaMetrics } from '../../lib/embedded/victoria-metrics.ts'
import { createLog } from '../../lib/log.ts'

/** Collectors as processes of their own over one fleet, with a VictoriaMetrics and a Redis. */
export type Site = AsyncDisposable & {
  readonly vmUrl: string
  readonly vmPid: () => number
  readonly collectors: readonly { readonly name: string; readonly pid: number }[]
}

type Health = { readonly collectors?: readonly string[]; readonly share?: { devices: number } }

const READY_MS = 120_000
const FIRST_PORT = 15_002

/** Resolves once each collector knows the others. */
export async function openSite({
  devices,
  collectors,
  intervalSeconds,
  vmUrl,
}: {
  devices: number
  collectors: number
  intervalSeconds: number
  /** Where collectors reach VictoriaMetrics, when that isn't where it listens. */
  vmUrl?: string
}): Promise<Site> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-scale-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const log = createLog('silent')
  const { signal } = new AbortController()
  const settings = { listen: '127.0.0.1:8428', retention: '13' }
  const vm = stack.use(await startVictoriaMetrics(settings, folder, log, signal))
  const redis = stack.use(await startRedis(folder, log, signal))
  await writeFile(join(folder, 'inventory.json'), JSON.stringify(fleetOf(devices)))

  const started = await Promise.all(
    Array.from({ length: collectors }, async (_, index) => {
      const name = `collector-${index + 1}`
      const listen = `127.0.0.1:${FIRST_PORT + index}`
      await mkdir(join(folder, name))
      const config = join(folder, `${name}.yaml`)
      const settings = {
        data_dir: join(folder, name),
        inventory: { files: ['inventory.json'] },
        defaults: { ping: { interval: `${intervalSeconds}s` } },
        victoriametrics: { url: vmUrl ?? vm.url },
        redis: { url: redis.url },
        collector: { name, listen },
      }
      await writeFile(config, stringify(settings))
      const output = join(folder, `${name}.log`)
      const child = start(config, output)
      stack.defer(() => ended(child))
      return { name, pid: child.pid ?? 0, child, health: `http://${listen}/health`, output }
    }),
  )
  await Promise.all(started.map((each) => becomesReady(each, collectors)))
  const owned = stack.move()
  return {
    vmUrl: vm.url,
    vmPid: () => vm.pid ?? 0,
    collectors: started,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** All in 198.18.0.0/15, which answers in the lab: 131,072 addresses. */
function fleetOf(devices: number): object[] {
  if (devices > 131_000) throw new Error('--devices: expected at most 131000')
  return Array.from({ length: devices }, (_, index) => ({
    id: `device-${index}`,
    name: `Device ${index}`,
    address: `198.${18 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
    branch: `Branch ${index % 1_000}`,
    region: `Region ${index % 10}`,
  }))
}

/** setpriv becomes wardline: the pid is the collector's own. */
function start(config: string, log: string): ChildProcess {
  const program = join(import.meta.dirname, '../../bin/wardline.ts')
  const command = [process.execPath, program, '--config', config, 'run', 'collector']
  const [file = '', ...args] = endingWithParent(command)
  const output = openSync(log, 'w')
  return spawn(file, args, { stdio: ['ignore', output, output] })
}

async function becomesReady(
  {
    name,
    child,
    health,
    output,
  }: { name: string; child: ChildProcess; health: string; output: string },
  collectors: number,
): Promise<void> {
  const until = performance.now() + READY_MS
  while (performance.now() < until && child.exitCode === null) {
    const known = await read(health)
    if (known.collectors?.length === collectors && (known.share?.devices ?? 0) > 0) return
    await delay(250)
  }
  const words = (await readFile(output, 'utf8')).trimEnd().split('\n').slice(-8).join('\n')
  throw new Error(`${name} didn't find the others:\n${words}`)
}

async function read(url: string): Promise<Health> {
  try {
    return (await (await fetch(url)).json()) as Health
  } catch {
    return {} // not there yet
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
