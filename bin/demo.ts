import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Forward, forward } from '../lab/forward.ts'
import {
  type Namespaces,
  endingWithParent,
  findNamespaces,
  spawnInNamespace,
} from '../lab/namespace.ts'
import { StartError } from '../lib/start-error.ts'
import { claimDataDir } from './demo/data-dir.ts'
import { type DemoPlan, type Door, PORTS } from './demo/plan.ts'
import { endSignal } from './signals.ts'

export type DemoOptions = {
  /** 876 unless told. */
  readonly devices?: number
  readonly seed?: string
  /** data/demo unless told. What an earlier demo left there is removed. */
  readonly dataDir?: string
  /** 2 plays the outages in half the time. */
  readonly speed?: number
  /** Of the page, on 127.0.0.1; 5001 unless told. */
  readonly port?: number
}

const INSIDE = fileURLToPath(new URL('./demo/inside.ts', import.meta.url))
/** The inner side ends within 8 s; all of it within 10. */
const END_MS = 9_000
const MAX_DEVICES = 20_000

/** A simulated fleet with outages, and the whole pipeline over it, until SIGINT or SIGTERM. Gives the exit code. */
export async function demo(options: DemoOptions): Promise<number> {
  const { devices = 876, seed = 'wardline', speed = 1, port = PORTS.api } = options
  checkOptions({ devices, speed, port })
  const signal = endSignal()
  const namespaces = await findNamespaces()
  await using stack = new AsyncDisposableStack()
  const doors = namespaces.allowed ? await openDoors(port, stack) : await noDoors(port)
  const dataDir = resolve(options.dataDir ?? join('data', 'demo'))
  await claimDataDir(dataDir)
  const plan: DemoPlan = {
    devices,
    seed,
    speed,
    dataDir,
    port,
    network: namespaces.allowed ? 'namespace' : { loopback: namespaces.reason },
    doors: doors.open,
    closed: doors.closed,
  }
  if (signal.aborted) return 0
  const inside = startInside(namespaces, plan)
  const exited = once(inside, 'exit')
  signal.addEventListener('abort', () => {
    inside.kill('SIGTERM')
    setTimeout(() => inside.kill('SIGKILL'), END_MS).unref()
  })
  const [code] = (await exited) as [number | null]
  return signal.aborted ? 0 : (code ?? 1)
}

function checkOptions({ devices, speed, port }: Required<Omit<DemoOptions, 'seed' | 'dataDir'>>) {
  if (!Number.isInteger(devices) || devices < 1 || devices > MAX_DEVICES)
    throw new StartError(`--devices: expected a whole number from 1 to ${MAX_DEVICES}`)
  if (!(speed >= 0.1 && speed <= 20))
    throw new StartError('--speed: expected a number from 0.1 to 20')
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new StartError('--port: expected a port from 1 to 65535')
}

/** In a session of its own: Ctrl-C reaches the host side alone, which ends the inner side in good order. */
function startInside(namespaces: Namespaces, plan: DemoPlan): ChildProcess {
  const command = [process.execPath, INSIDE, JSON.stringify(plan)]
  const options: SpawnOptions = { stdio: ['pipe', 'inherit', 'inherit'], detached: true }
  if (namespaces.allowed) return spawnInNamespace(namespaces, command, options)
  const [file = '', ...args] = endingWithParent(command)
  return spawn(file, args, options)
}

type Doors = { readonly open: readonly Door[]; readonly closed: readonly string[] }

/**
 * Listens on the host for what runs in the namespace: unix sockets reach across. The page's port must be free;
 * without the others the demo goes on and says so.
 */
async function openDoors(port: number, stack: AsyncDisposableStack): Promise<Doors> {
  const directory = await mkdtemp(join(tmpdir(), 'wardline-'))
  stack.defer(() => rm(directory, { recursive: true, force: true }))
  const open: Door[] = []
  const closed: string[] = []
  for (const [name, inner] of Object.entries(PORTS)) {
    const socket = join(directory, `${name}.sock`)
    const outer = name === 'api' ? port : inner
    try {
      stack.use(await listen(outer, socket))
      open.push({ socket, port: inner })
    } catch (error) {
      if (name === 'api') throw portTaken(port, error as NodeJS.ErrnoException)
      closed.push(`${name}, since ${whyNot(outer, error as NodeJS.ErrnoException)}`)
    }
  }
  return { open, closed }
}

/** Without a namespace wardline listens on the host itself. */
async function noDoors(port: number): Promise<Doors> {
  const trial = createServer().listen(port, '127.0.0.1')
  try {
    await once(trial, 'listening')
  } catch (error) {
    throw portTaken(port, error as NodeJS.ErrnoException)
  }
  trial.close()
  await once(trial, 'close')
  return { open: [], closed: [] }
}

const listen = (port: number, socket: string): Promise<Forward> =>
  forward({ host: '127.0.0.1', port }, { path: socket })

const portTaken = (port: number, cause: NodeJS.ErrnoException): StartError =>
  new StartError(
    cause.code === 'EADDRINUSE'
      ? `${whyNot(port, cause)}: end that program, or choose another port with --port`
      : `${whyNot(port, cause)}: choose another port with --port`,
    { cause },
  )

const whyNot = (port: number, error: NodeJS.ErrnoException): string =>
  error.code === 'EADDRINUSE'
    ? `port ${port} is in use by another program`
    : `port ${port} can't be had (${error.message})`
