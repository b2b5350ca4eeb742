import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { Fleet } from '../../lab/fleet.ts'
import { endingWithParent } from '../../lab/namespace.ts'
import { startRedis } from '../../lib/embedded/redis.ts'
import { startVictoriaMetrics } from '../../lib/embedded/victoria-metrics.ts'
import { createLog } from '../../lib/log.ts'

/** Collectors as processes of their own over one fleet, with a VictoriaMetrics and a Redis; and alerting, where it is asked for. */
export type Site = AsyncDisposable & {
  readonly vmUrl: string
  readonly vmPid: () => number
  readonly collectors: readonly { readonly name: string; readonly pid: number }[]
}

type Health = { readonly collectors?: readonly string[]; readonly share?: { devices: number } }

export type SiteOptions = {
  /** So many without SNMP, or those of a fleet of the lab. */
  readonly devices: number | Fleet
  readonly collectors: number
  /** Of pings, and of SNMP where the fleet has it. */
  readonly intervalSeconds: number
  /** Where collectors reach VictoriaMetrics, when that isn't where it listens. */
  readonly vmUrl?: string
  /** Whom alerting tells. Left out: there is no alerting. */
  readonly receiverUrl?: string
  /** A file that each service loads before itself, and its part of the environment. */
  readonly preload?: { readonly file: string; readonly env: Readonly<Record<string, string>> }
}

const READY_MS = 120_000
const FIRST_PORT = 15_002
const ALERTING_URL = 'http://127.0.0.1:15001'

/** Resolves once each collector knows the others, and alerting answers. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { devices, collectors, intervalSeconds, vmUrl, receiverUrl, preload } = options
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-scale-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const log = createLog('silent')
  const { signal } = new AbortController()
  const settings = { listen: '127.0.0.1:8428', retention: '13' }
  const vm = stack.use(await startVictoriaMetrics(settings, folder, log, signal))
  const redis = stack.use(await startRedis(folder, log, signal))
  const { devices: inventory, credentials } =
    typeof devices === 'number' ? fleetOf(devices) : devices
  await writeFile(join(folder, 'inventory.json'), JSON.stringify(inventory))
  const interval = `${intervalSeconds}s`
  const common = {
    inventory: { files: ['inventory.json'] },
    defaults: { ping: { interval }, snmp: { interval } },
    credentials,
    victoriametrics: { url: vmUrl ?? vm.url },
    redis: { url: redis.url },
  }

  const run = async (service: string, name: string, more: object): Promise<Running> => {
    const config = join(folder, `${name}.yaml`)
    const output = join(folder, `${name}.log`)
    await mkdir(join(folder, name))
    await writeFile(config, stringify({ ...common, data_dir: join(folder, name), ...more }))
    const child = start(service, { config, output, preload })
    stack.defer(() => ended(child))
    return { name, pid: child.pid ?? 0, child, output }
  }
  const started = await Promise.all(
    Array.from({ length: collectors }, async (_, index) => {
      const name = `collector-${index + 1}`
      const listen = `127.0.0.1:${FIRST_PORT + index}`
      const running = await run('collector', name, { collector: { name, listen } })
      await becomesReady(
        running,
        async () => isComplete(await read(`http://${listen}/health`), collectors),
        "didn't find the others",
      )
      return running
    }),
  )
  if (receiverUrl !== undefined) {
    const alerting = await run('alerting', 'alerting', {
      alerting: { listen: new URL(ALERTING_URL).host },
      receivers: [{ name: 'bench', webhook: { url: receiverUrl } }],
    })
    const health = `${ALERTING_URL}/health`
    await becomesReady(alerting, async () => 'status' in (await read(health)), "didn't start")
  }
  const owned = stack.move()
  return {
    vmUrl: vm.url,
    vmPid: () => vm.pid ?? 0,
    collectors: started,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** All in 198.18.0.0/15, which answers in the lab: 131,072 addresses. */
function fleetOf(devices: number): { devices: object[]; credentials: object } {
  if (devices > 131_000) throw new Error('--devices: expected at most 131000')
  return {
    devices: Array.from({ length: devices }, (_, index) => ({
      id: `device-${index}`,
      name: `Device ${index}`,
      address: `198.${18 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`,
      branch: `Branch ${index % 1_000}`,
      region: `Region ${index % 10}`,
    })),
    credentials: {},
  }
}

type Running = {
  readonly name: string
  readonly pid: number
  readonly child: ChildProcess
  readonly output: string
}

/** setpriv becomes wardline: the pid is the service's own. */
function start(
  service: string,
  {
    config,
    output,
    preload,
  }: { config: string; output: string; preload: SiteOptions['preload'] | undefined },
): ChildProcess {
  const program = join(import.meta.dirname, '../../bin/wardline.ts')
  const before = preload === undefined ? [] : ['--import', preload.file]
  const command = [process.execPath, ...before, program, '--config', config, 'run', service]
  const [file = '', ...args] = endingWithParent(command)
  const log = openSync(output, 'w')
  const env = { ...process.env, ...preload?.env }
  return spawn(file, args, { env, stdio: ['ignore', log, log] })
}

const isComplete = ({ collectors, share }: Health, count: number): boolean =>
  collectors?.length === count && (share?.devices ?? 0) > 0

async function becomesReady(
  { name, child, output }: Running,
  isReady: () => Promise<boolean>,
  problem: string,
): Promise<void> {
  const until = performance.now() + READY_MS
  while (performance.now() < until && child.exitCode === null) {
    if (await isReady()) return
    await delay(250)
  }
  const words = (await readFile(output, 'utf8')).trimEnd().split('\n').slice(-8).join('\n')
  throw new Error(`${name} ${problem}:\n${words}`)
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
