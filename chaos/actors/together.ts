import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { stringify } from 'yaml'
import { type Component, answers, component } from './component.ts'
import type { Stage, StageOptions } from './stage.ts'
import { writeWitness } from './witness.ts'

/** `wardline up`, as a user starts it: all services in one process, which keeps a VictoriaMetrics and a Redis of its own. */
const PORTS = { 'victoria-metrics': 8428, collector: 5002, alerting: 5003, api: 5001 }
const WARDLINE = join(import.meta.dirname, '../../bin/wardline.ts')
const CHILDREN = ['victoria-metrics', 'redis'] as const
const AGAIN_MS = 120_000

const urlAt = (port: number): string => `http://127.0.0.1:${port}`

export async function openTogether(options: StageOptions): Promise<Stage> {
  const { folder, onDeath } = options
  const dataDir = join(folder, 'data')
  await mkdir(dataDir, { recursive: true })
  await writeFile(join(folder, 'inventory.json'), JSON.stringify(options.devices))
  const config = join(folder, 'wardline.yaml')
  await writeFile(config, stringify(await configOf(options, dataDir)))

  let isOpen = false
  const wardline = component({
    name: 'wardline',
    command: [process.execPath, WARDLINE, 'up', '--config', config],
    logFile: join(folder, 'wardline.log'),
    async isReady() {
      const services = [PORTS.collector, PORTS.alerting, PORTS.api]
      return (await Promise.all(services.map((port) => answers(`${urlAt(port)}/health`)))).every(
        Boolean,
      )
    },
    onDeath(words) {
      onDeath('wardline', words)
      if (isOpen) wardline.start().catch(() => {}) // it says so itself, as often as it ends
    },
  })
  const children = CHILDREN.map((name) => childOf(wardline, name, join(dataDir, `${name}.pid`)))
  const all = atOnce(wardline, children)
  await using stack = new AsyncDisposableStack()
  stack.use(wardline)
  await wardline.start()
  isOpen = true
  const owned = stack.move()
  return {
    components: new Map([wardline, ...children, all].map((one) => [one.name, one])),
    lines: new Map(),
    disks: new Map(),
    vmUrl: urlAt(PORTS['victoria-metrics']),
    apiUrl: urlAt(PORTS.api),
    urlOf: (service) => urlAt(service.startsWith('collector') ? PORTS.collector : PORTS.alerting),
    setClock: async () => {
      throw new Error('there is one clock')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function configOf(options: StageOptions, dataDir: string): Promise<object> {
  const { folder, intervalMs, receiverUrl, canary, witness } = options
  return {
    data_dir: dataDir,
    inventory: { files: ['inventory.json'] },
    defaults: { ping: { interval: `${intervalMs}ms` } },
    collector: {
      name: 'collector-1',
      canaries: [canary],
      ...(witness && { fping: await writeWitness(folder, 'collector-1') }),
    },
    // As in the stage of services apart.
    alerting: { flapping: { high: 100, low: 100, roles: {} } },
    receivers: [{ name: 'chaos', webhook: { url: receiverUrl } }],
  }
}

/** A store that wardline keeps: killed, it is started again at once, by wardline and not by us. */
function childOf(wardline: Component, name: string, pidFile: string): Component {
  const pidNow = (): number | null => {
    try {
      const { child } = JSON.parse(readFileSync(pidFile, 'utf8')) as { child: { pid: number } }
      return isThere(child.pid) ? child.pid : null
    } catch {
      return null // it ended, or is being started
    }
  }
  const tell = (signal: NodeJS.Signals): void => {
    const pid = pidNow()
    if (pid !== null && wardline.pid !== null) process.kill(pid, signal)
  }
  return {
    name,
    get pid() {
      return pidNow()
    },
    async start() {
      const until = performance.now() + AGAIN_MS
      while (pidNow() === null && wardline.pid !== null) {
        if (performance.now() > until) throw new Error(`wardline didn't start its ${name} again`)
        await delay(50)
      }
    },
    async kill() {
      tell('SIGKILL')
    },
    freeze: () => tell('SIGSTOP'),
    thaw: () => tell('SIGCONT'),
    async [Symbol.asyncDispose]() {},
  }
}

/** Everything at once, as where a machine is switched off: nobody ends in good order. */
const atOnce = (wardline: Component, children: readonly Component[]): Component => ({
  name: 'all',
  pid: null,
  start: () => wardline.start(),
  async kill() {
    await Promise.all([...children.map((child) => child.kill()), wardline.kill()])
  },
  freeze: () => wardline.freeze(),
  thaw: () => wardline.thaw(),
  async [Symbol.asyncDispose]() {},
})

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
