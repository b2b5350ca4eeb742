import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type WriteStream, createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startAgents } from '../../lab/agents.ts'
import { clearOfSlots } from '../../lab/expectation.ts'
import { type Fleet, createFleet } from '../../lab/fleet.ts'
import { agentSpecs } from '../../lab/fleet-agents.ts'
import { forward } from '../../lab/forward.ts'
import { endingWithParent } from '../../lab/namespace.ts'
import { openNetwork } from '../../lab/network.ts'
import { notificationLines } from '../../lab/notification.ts'
import { playScript } from '../../lab/play.ts'
import { endlessScript } from '../../lab/script.ts'
import { openTruth } from '../../lab/truth.ts'
import { listenForNotifications } from '../../lab/webhook.ts'
import { isAbort, systemClock } from '../../lib/clock.ts'
import { writeConfiguration } from './configuration.ts'
import { type DemoPlan, LOG_FILE, LOOPBACK_SNMP_PORT, PORTS, TRUTH_FILE } from './plan.ts'
import { opening, ready } from './texts.ts'

/** The inner side of `wardline demo`, a process of its own: the network, the agents, the script and wardline. */

const WARDLINE = fileURLToPath(new URL('../wardline.ts', import.meta.url))
/** wardline needs up to 9.5 s in the worst case; its stores end by themselves when it is killed. */
const WARDLINE_ENDS_MS = 8_000

const plan = JSON.parse(process.argv[2] ?? '') as DemoPlan
const end = new AbortController()
for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => end.abort())
// The host side holds the other end: when it dies, however that comes, this ends too.
process.stdin.resume().on('close', () => end.abort())

try {
  await run(end.signal)
} catch (error) {
  if (!isAbort(error, end.signal)) {
    console.error(`The demo failed: ${(error as Error).message}`)
    process.exitCode = 1
  }
}
process.stdin.destroy()

async function run(signal: AbortSignal): Promise<void> {
  const { seed } = plan
  const isInside = plan.network === 'namespace'
  const fleet = createFleet({
    devices: plan.devices,
    seed,
    ...(isInside ? {} : { base: '127.18.0.0' }),
  })
  console.log(opening(plan, fleet))

  await using stack = new AsyncDisposableStack()
  const network = isInside ? stack.use(await openNetwork()) : undefined
  const port = isInside ? 161 : LOOPBACK_SNMP_PORT
  const agents = stack.use(await startAgents(agentSpecs(fleet, { seed, port })))
  const webhook = stack.use(
    await listenForNotifications((notification) => {
      const colours = process.stdout.isTTY
      for (const line of notificationLines(notification, { colours })) console.log(line)
    }),
  )
  for (const door of plan.doors)
    stack.use(await forward({ path: door.socket }, { host: '127.0.0.1', port: door.port }))

  const truth = openTruth(join(plan.dataDir, TRUTH_FILE))
  const script = endlessScript(fleet.devices, {
    seed,
    speed: plan.speed,
    ...(isInside ? {} : { only: 'snmp' as const }),
  })
  const stage = {
    devices: fleet.devices,
    agents,
    truth,
    ...(network === undefined ? {} : { network }),
  }
  const startAt = clearOfSlots(Date.now())
  await Promise.all([
    playScript(script, stage, { startAt, clock: systemClock }, signal),
    runWardline(fleet, webhook.url, signal),
  ])
}

/** Runs until the signal aborts; rejects when wardline ends before that, with its last words. */
async function runWardline(fleet: Fleet, webhookUrl: string, signal: AbortSignal): Promise<void> {
  const configPath = await writeConfiguration(plan, fleet, webhookUrl)
  const log = createWriteStream(join(plan.dataDir, LOG_FILE))
  const wardline = startWardline(configPath, log)
  const exited = once(wardline, 'exit')
  const stop = () => {
    wardline.kill('SIGTERM')
    setTimeout(() => wardline.kill('SIGKILL'), WARDLINE_ENDS_MS).unref()
  }
  signal.addEventListener('abort', stop)
  const answered = announce(signal)
  await exited
  if (signal.aborted) return answered
  const words = await lastWords()
  throw new Error(`wardline ended by itself:\n${words}`)
}

function startWardline(configPath: string, log: WriteStream): ChildProcess {
  const [file = '', ...args] = endingWithParent([
    process.execPath,
    WARDLINE,
    '--config',
    configPath,
    'up',
  ])
  // Its log is on standard error. What is on the other one is for people: the link that makes the first admin.
  const wardline = spawn(file, args, { stdio: ['ignore', 'inherit', 'pipe'] })
  wardline.stderr?.pipe(log, { end: false })
  return wardline
}

/** Prints where everything is as soon as the page answers. */
async function announce(signal: AbortSignal): Promise<void> {
  const port = plan.network === 'namespace' ? PORTS.api : plan.port
  while (!signal.aborted) {
    const answered = await fetch(`http://127.0.0.1:${port}/api/v1/health`, { signal }).then(
      () => true,
      () => false,
    )
    if (answered) return console.log(ready(plan))
    await delay(200, undefined, { signal }).catch(() => {})
  }
}

async function lastWords(): Promise<string> {
  const log = await readFile(join(plan.dataDir, LOG_FILE), 'utf8').catch(() => '')
  return log.trimEnd().split('\n').slice(-8).join('\n')
}
