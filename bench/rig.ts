import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { DeviceJson } from '../api/schemas.ts'
import { type AgentsProcess, startAgents } from '../lab/agents.ts'
import { type Fleet, type FleetDevice, createFleet } from '../lab/fleet.ts'
import { agentSpecs } from '../lab/fleet-agents.ts'
import { endingWithParent } from '../lab/namespace.ts'
import type { Notification } from '../lab/notification.ts'
import { listenForNotifications } from '../lab/webhook.ts'
import { startRedis } from '../lib/embedded/redis.ts'
import { startVictoriaMetrics } from '../lib/embedded/victoria-metrics.ts'
import { createLog } from '../lib/log.ts'

/** A fleet of the lab with its agents in one process, and `wardline up` over it in another. */
export type Rig = AsyncDisposable & {
  readonly fleet: Fleet
  readonly agents: AgentsProcess
  readonly apiUrl: string
  readonly vmUrl: string
  readonly redisUrl: string
  readonly pids: {
    readonly wardline: number
    readonly victoriaMetrics: number
    readonly redis: number
  }
}

export type RigOptions = {
  /** How many, of the lab's own fleet; or these. */
  readonly devices: number | readonly FleetDevice[]
  readonly intervalSeconds: number
  /** The API in a process of its own, as under docker compose: what it answers doesn't wait for the other services' work. */
  readonly isApart?: boolean
  readonly onNotification?: (notification: Notification) => void
}

/** Of each device with SNMP, as the bank's network equipment had them. */
const INTERFACES = 10
const READY_MS = 120_000
// The services' own ports: a namespace has them free.
const API = 'http://127.0.0.1:5001'
const VM = 'http://127.0.0.1:8428'

/** Resolves once every device has a status. */
export async function openRig({
  devices,
  intervalSeconds,
  isApart = false,
  onNotification = () => {},
}: RigOptions): Promise<Rig> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-bench-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const fleet =
    typeof devices === 'number' ? createFleet({ devices }) : { devices, credentials: {} }
  const specs = agentSpecs(fleet).map((spec) => ({ ...spec, interfaces: INTERFACES }))
  const agents = stack.use(await startAgents(specs))
  const webhook = stack.use(await listenForNotifications(onNotification))

  await writeFile(join(folder, 'inventory.json'), JSON.stringify(fleet.devices))
  const settings = {
    inventory: { files: ['inventory.json'] },
    defaults: { ping: { interval: `${intervalSeconds}s` } },
    credentials: fleet.credentials,
    collector: { name: 'bench' },
    // Outages of a measurement follow each other faster than those of a network: they are to be told, not called flapping.
    alerting: { flapping: { high: 100, low: 100, roles: {} } },
    receivers: [{ name: 'bench', webhook: { url: webhook.url } }],
  }
  const run = async (name: string, args: readonly string[], more: object): Promise<Running> => {
    const config = join(folder, `${name}.yaml`)
    const log = join(folder, `${name}.log`)
    await writeFile(config, stringify({ ...settings, data_dir: join(folder, name), ...more }))
    const child = startWardline(config, args, log)
    stack.defer(() => ended(child))
    return { child, log }
  }
  const { wardline, stores } = isApart
    ? await startApart(folder, stack, run)
    : await startTogether(join(folder, 'data'), run)
  await becomesReady(wardline.child, fleet.devices.length, wardline.log)
  const pids = { wardline: wardline.child.pid ?? 0, ...(await stores()) }
  const owned = stack.move()
  return {
    fleet,
    agents,
    apiUrl: API,
    vmUrl: VM,
    redisUrl: `unix://${join(folder, 'data/redis/redis.sock')}`,
    pids,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Running = { readonly child: ChildProcess; readonly log: string }
type Run = (name: string, args: readonly string[], more: object) => Promise<Running>
type StorePids = { readonly victoriaMetrics: number; readonly redis: number }
/** `stores`: the processes of VictoriaMetrics and Redis, once wardline is ready. */
type Started = { readonly wardline: Running; readonly stores: () => Promise<StorePids> }

/** `wardline up`, which has stores of its own. */
async function startTogether(dataDir: string, run: Run): Promise<Started> {
  const storePid = async (store: string): Promise<number> => {
    const claim = JSON.parse(await readFile(join(dataDir, `${store}.pid`), 'utf8')) as {
      child: { pid: number }
    }
    return claim.child.pid
  }
  return {
    wardline: await run('data', ['up'], {}),
    stores: async () => ({
      victoriaMetrics: await storePid('victoria-metrics'),
      redis: await storePid('redis'),
    }),
  }
}

/** The API in one process, collector and alerting in another, over stores that are there before them. */
async function startApart(folder: string, stack: AsyncDisposableStack, run: Run): Promise<Started> {
  const log = createLog('silent')
  const { signal } = new AbortController()
  const settings = { listen: new URL(VM).host, retention: '13' }
  const vm = stack.use(await startVictoriaMetrics(settings, join(folder, 'data'), log, signal))
  const redis = stack.use(await startRedis(join(folder, 'data'), log, signal))
  const urls = { victoriametrics: { url: vm.url }, redis: { url: redis.url } }
  await run('makers', ['run', 'collector', 'alerting'], urls)
  return {
    wardline: await run('api', ['run', 'api'], urls),
    stores: async () => ({ victoriaMetrics: vm.pid ?? 0, redis: redis.pid ?? 0 }),
  }
}

/** setpriv becomes wardline: the pid is wardline's own. */
function startWardline(config: string, command: readonly string[], log: string): ChildProcess {
  const program = join(import.meta.dirname, '../bin/wardline.ts')
  const [file = '', ...args] = endingWithParent([
    process.execPath,
    program,
    '--config',
    config,
    ...command,
  ])
  const output = openSync(log, 'w')
  return spawn(file, args, { stdio: ['ignore', output, output] })
}

async function becomesReady(wardline: ChildProcess, devices: number, log: string): Promise<void> {
  const until = performance.now() + READY_MS
  while (performance.now() < until && wardline.exitCode === null) {
    const known = await knownDevices()
    if (known === devices) return
    await delay(250)
  }
  const words = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-8).join('\n')
  throw new Error(`wardline didn't get to know its devices:\n${words}`)
}

async function knownDevices(): Promise<number> {
  try {
    const list = (await (await fetch(`${API}/api/v1/devices`)).json()) as DeviceJson[]
    return list.filter(({ status }) => status !== 'unknown').length
  } catch {
    return 0 // not there yet
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}
