import { mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { FleetDevice } from '../../lab/fleet.ts'
import { redisArgs } from '../../lib/embedded/redis.ts'
import { victoriaMetricsArgs } from '../../lib/embedded/victoria-metrics.ts'
import {
  type Cluster,
  STORES,
  type Store,
  alertingNames,
  collectorNames,
  isCollector,
} from '../fault.ts'
import { type Component, answers, component } from './component.ts'
import { type Disk, mountDisk } from './disk.ts'
import { type Line, openLine } from './line.ts'
import { writeWitness } from './witness.ts'

/** Everything that runs, by name: services, stores, the lines between them, and their disks. */
export type Stage = AsyncDisposable & {
  readonly components: ReadonlyMap<string, Component>
  /** `collector-1 redis` → the line. */
  readonly lines: ReadonlyMap<string, Line>
  readonly disks: ReadonlyMap<string, Disk>
  readonly vmUrl: string
  readonly apiUrl: string
  /** Where a service tells of itself. */
  urlOf(service: string): string
  /** Sets a service's clock off. */
  setClock(service: string, offsetMs: number): Promise<void>
}

export type StageOptions = Cluster & {
  readonly folder: string
  readonly devices: readonly FleetDevice[]
  readonly intervalMs: number
  readonly receiverUrl: string
  /** What always answers, for the collectors to tell a lost network by. */
  readonly canary: string
  /** On small disks of their own, which can be filled; else in the folder. */
  readonly smallDisks: boolean
  /** Whether what the collectors ask is noted by a witness; it costs processes. */
  readonly witness: boolean
  /** More of the configuration. */
  readonly more?: object
  /** A service that ended though nobody ended it. It is started again, once all have been. */
  readonly onDeath: (component: string, words: string) => void
}

// The namespace has all ports free.
const PORTS = { 'victoria-metrics': 8428, redis: 6379, api: 5001, services: 5100, lines: 6100 }
const DISK_MB = { service: 48, store: 192 }
const WARDLINE = join(import.meta.dirname, '../../bin/wardline.ts')
const STEPPED_CLOCK = join(import.meta.dirname, 'stepped-clock.ts')

/** Everything started and answering. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const { folder, onDeath } = options
  await using stack = new AsyncDisposableStack()
  let isOpen = false
  const components = new Map<string, Component>()
  const lines = new Map<string, Line>()
  const disks = new Map<string, Disk>()
  const services = ['api', ...collectorNames(options), ...alertingNames(options)]
  const portOf = (service: string): number =>
    service === 'api' ? PORTS.api : PORTS.services + services.indexOf(service)
  const urlOf = (service: string): string => `http://127.0.0.1:${portOf(service)}`
  const clockOf = (service: string): string => join(folder, `${service}.clock`)
  const diskOf = async (name: string, megabytes: number): Promise<string> => {
    const path = join(folder, 'disks', name)
    await mkdir(path, { recursive: true })
    if (options.smallDisks) disks.set(name, stack.use(await mountDisk(path, megabytes)))
    return path
  }
  const add = (spec: Omit<Parameters<typeof component>[0], 'logFile' | 'onDeath'>): void => {
    const { name } = spec
    const logFile = join(folder, `${name}.log`)
    const made = component({
      ...spec,
      logFile,
      onDeath(words) {
        onDeath(name, words)
        if (isOpen) made.start().catch(() => {}) // it says so itself, as often as it ends
      },
    })
    components.set(name, stack.use(made))
  }

  await writeFile(join(folder, 'inventory.json'), JSON.stringify(options.devices))
  const vmDisk = await diskOf('victoria-metrics', DISK_MB.store)
  const redisDisk = await diskOf('redis', DISK_MB.store)
  const vmUrl = `http://127.0.0.1:${PORTS['victoria-metrics']}`
  const vmFlags = victoriaMetricsArgs({
    listen: `127.0.0.1:${PORTS['victoria-metrics']}`,
    retention: '1y',
    directory: join(vmDisk, 'data'),
  })
  add({
    name: 'victoria-metrics',
    command: ['victoria-metrics', ...vmFlags],
    isReady: () => answers(`${vmUrl}/health`),
  })
  const redisFlags = redisArgs({ directory: redisDisk, socket: join(redisDisk, 'redis.sock') })
  add({
    name: 'redis',
    // The last one given counts: a port instead of none.
    command: ['redis-server', ...redisFlags, '--port', String(PORTS.redis), '--bind', '127.0.0.1'],
    isReady: () => answersPing(PORTS.redis),
  })

  for (const [place, service] of services.entries()) {
    const urls: Record<Store, string> = { 'victoria-metrics': '', redis: '' }
    for (const [turn, store] of STORES.entries()) {
      const port = PORTS.lines + place * STORES.length + turn
      const line = stack.use(await openLine(port, { host: '127.0.0.1', port: PORTS[store] }))
      lines.set(`${service} ${store}`, line)
      urls[store] = `${store === 'redis' ? 'redis' : 'http'}://127.0.0.1:${port}`
    }
    const dataDir = join(await diskOf(service, DISK_MB.service), 'data')
    const config = join(folder, `${service}.yaml`)
    const fping =
      isCollector(service) && options.witness ? await writeWitness(folder, service) : 'fping'
    await writeFile(
      config,
      stringify(configOf(service, { urls, dataDir, portOf, fping, ...options })),
    )
    const [kind = ''] = service.split('-')
    add({
      name: service,
      command: [
        process.execPath,
        '--import',
        STEPPED_CLOCK,
        WARDLINE,
        'run',
        kind,
        '--config',
        config,
      ],
      env: { WARDLINE_CHAOS_CLOCK: clockOf(service) },
      isReady: () => answers(`${urlOf(service)}/health`),
    })
  }

  for (const store of STORES) await components.get(store)?.start()
  await Promise.all(services.map(async (service) => components.get(service)?.start()))
  isOpen = true
  const owned = stack.move()
  return {
    components,
    lines,
    disks,
    vmUrl,
    apiUrl: urlOf('api'),
    urlOf,
    setClock: (service, offsetMs) => writeFile(clockOf(service), String(offsetMs)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

type Place = StageOptions & {
  readonly urls: Record<Store, string>
  readonly dataDir: string
  readonly portOf: (service: string) => number
  readonly fping: string
}

function configOf(
  service: string,
  { urls, dataDir, portOf, intervalMs, receiverUrl, canary, more, fping, ...cluster }: Place,
): object {
  const listen = (name: string) => ({ listen: `127.0.0.1:${portOf(name)}` })
  const [collector = '', alerting = ''] = [collectorNames(cluster)[0], alertingNames(cluster)[0]]
  return {
    data_dir: dataDir,
    inventory: { files: ['inventory.json'] },
    defaults: { ping: { interval: `${intervalMs}ms` } },
    victoriametrics: { url: urls['victoria-metrics'] },
    redis: { url: urls.redis },
    collector: {
      ...listen(service.startsWith('collector') ? service : collector),
      name: service.startsWith('collector') ? service : collector,
      canaries: [canary],
      fping,
    },
    alerting: {
      ...listen(service.startsWith('alerting') ? service : alerting),
      // Outages follow each other faster than in a network: they are to be told, not called flapping.
      flapping: { high: 100, low: 100, roles: {} },
    },
    api: listen('api'),
    receivers: [{ name: 'chaos', webhook: { url: receiverUrl } }],
    ...more,
  }
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (isThere: boolean): void => {
      socket.destroy()
      resolve(isThere)
    }
    socket.setTimeout(1_000, () => end(false))
    socket.on('error', () => end(false))
    socket.on('data', (answer) => end(answer.toString().startsWith('+PONG')))
    socket.write('PING\r\n')
  })
}
