import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { startAgents } from '../../lab/agents.ts'
import { type Fleet, createFleet } from '../../lab/fleet.ts'
import { agentSpecs } from '../../lab/fleet-agents.ts'
import { openNetwork } from '../../lab/network.ts'
import type { Stage } from '../../lab/play.ts'
import { type Truth, openTruth } from '../../lab/truth.ts'
import type { ServiceName } from '../../lib/service.ts'
import { type Stores, freePort, startStores } from '../stores.ts'
import { waitFor } from '../wait.ts'
import { type WardlineProcess, startWardline } from '../wardline-process.ts'
import { type Recorder, recordNotifications } from '../../lab/recorder.ts'

/** 200 devices in the lab's network, real stores, and the three services as processes of their own. */
export type World = AsyncDisposable & {
  readonly fleet: Fleet
  readonly lab: Stage
  readonly truth: Truth
  readonly stores: Stores
  readonly recorder: Recorder
  readonly apiUrl: string
  readonly collectorUrl: string
  readonly services: Record<ServiceName, Restartable>
  /** Ends the store's process; it is started again at once. Resolves when it answers. */
  endStore(store: 'victoriaMetrics' | 'redis', signal: NodeJS.Signals): Promise<void>
}

export type Restartable = {
  start(): void
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** All that its processes have written. */
  output(): string
}

export const INTERVAL_MS = 5_000

export async function openWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'wardline-story-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const fleet = createFleet({ devices: 200 })
  const network = stack.use(await openNetwork())
  const agents = stack.use(await startAgents(agentSpecs(fleet)))
  const stores = stack.use(await startStores())
  const recorder = stack.use(await recordNotifications())
  const ports = { api: await freePort(), collector: await freePort(), alerting: await freePort() }
  const config = await configure(folder, { fleet, stores, recorder, ports })
  const truth = openTruth(join(folder, 'truth.jsonl'))
  const services = {
    collector: stack.use(restartable('collector', config)),
    alerting: stack.use(restartable('alerting', config)),
    api: stack.use(restartable('api', config)),
  }
  const owned = stack.move()
  return {
    fleet,
    lab: { devices: fleet.devices, network, agents, truth },
    truth,
    stores,
    recorder,
    apiUrl: `http://127.0.0.1:${ports.api}`,
    collectorUrl: `http://127.0.0.1:${ports.collector}`,
    services,
    async endStore(store, signal) {
      const before = stores.pids()[store]
      if (before === null) throw new Error(`${store} doesn't run`)
      process.kill(before, signal)
      await waitFor(() => ![before, null].includes(stores.pids()[store]), {
        timeoutMs: 30_000,
        what: `another ${store} after ${signal}`,
      })
      await waitFor(
        () =>
          store === 'redis' ? stores.redis.status === 'ready' : stores.victoriaMetrics.healthy(),
        { timeoutMs: 30_000, what: `an answer of ${store} after ${signal}` },
      )
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function configure(
  folder: string,
  {
    fleet,
    stores,
    recorder,
    ports,
  }: Pick<World, 'fleet' | 'stores' | 'recorder'> & { ports: Record<ServiceName, number> },
): Promise<string> {
  const path = join(folder, 'wardline.yaml')
  await writeFile(join(folder, 'inventory.json'), JSON.stringify(fleet.devices))
  const listen = (name: ServiceName) => ({ listen: `127.0.0.1:${ports[name]}` })
  const configuration = {
    data_dir: join(folder, 'data'),
    log_level: 'warn',
    inventory: { files: ['inventory.json'] },
    defaults: { ping: { interval: `${INTERVAL_MS}ms` } },
    credentials: fleet.credentials,
    victoriametrics: { url: stores.vmUrl },
    redis: { url: stores.redisUrl },
    collector: { name: 'story', ...listen('collector') },
    alerting: listen('alerting'),
    api: listen('api'),
    receivers: [{ name: 'story', webhook: { url: recorder.url } }],
  }
  await writeFile(path, stringify(configuration))
  return path
}

function restartable(name: ServiceName, config: string): Restartable & AsyncDisposable {
  const started: WardlineProcess[] = []
  return {
    start: () => void started.push(startWardline(['run', name, '--config', config])),
    async stop() {
      const last = started.at(-1)
      if (last === undefined) throw new Error(`${name} doesn't run`)
      last.kill('SIGTERM')
      return last.exited
    },
    output: () => started.map((each) => each.output()).join('\n'),
    async [Symbol.asyncDispose]() {
      for (const each of started) await each[Symbol.asyncDispose]()
    },
  }
}
