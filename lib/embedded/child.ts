import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../log.ts'
import { StartError } from '../start-error.ts'
import { findExecutable } from './executable.ts'
import { endLeftOver, removeClaim, writeClaim } from './pid-file.ts'

/** A program that runs as long as we do. */
export type ChildSpec = {
  /** In logs and messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** What to do when the program isn't installed. */
  readonly remedy: string
  /** Guards the data directory against a child that outlived its wardline. */
  readonly pidFile: string
  /** Rejects with StartError when the place isn't free. A left-over child has ended by then. */
  readonly beforeFirstStart?: () => Promise<void>
  /** One look; never rejects. */
  isReady(): Promise<boolean>
  /** The level at which a line of its output is logged. */
  levelOf(line: string): 'debug' | 'warn' | 'error'
  /** How long the first start may take. */
  readonly readyMs: number
  /** How long it may take to end after SIGTERM, before SIGKILL. */
  readonly stopMs: number
}

export type Child = AsyncDisposable & {
  /** The process that runs now, or null between two. */
  readonly pid: number | null
}

const MAX_DELAY_MS = 10_000
const CLAIM_AGAIN_MS = 2_000
/** A child that ran this long was well: its next end is a first one again. */
const STEADY_MS = 30_000

/**
 * Starts a program, resolves once it is ready, and from then on starts it again whenever it ends, until disposed.
 * Rejects with StartError, its last words in the message, when it can't start; the signal ends the wait for that.
 */
export async function keepRunning(
  spec: ChildSpec,
  log: Logger,
  signal: AbortSignal,
): Promise<Child> {
  const command = findExecutable(spec.command)
  if (command === null) {
    throw new StartError(
      `${spec.name} isn't installed (no ${spec.command} on PATH): ${spec.remedy}`,
    )
  }
  await endLeftOver(spec.pidFile, { ...spec, log })
  await spec.beforeFirstStart?.()

  const stopping = new AbortController()
  let running: Running | null = await launch(spec, command, log)
  if (!(await becomesReady(spec, running, signal))) {
    await end(running, spec.stopMs)
    await removeClaim(spec.pidFile)
    signal.throwIfAborted()
    const words = running.lastWords().join('\n  ') || 'it said nothing'
    throw new StartError(`${spec.name} didn't start:\n  ${words}`)
  }
  log.debug({ pid: running.process.pid }, `${spec.name} is ready`)

  async function keep(): Promise<void> {
    for (let failures = 0; ;) {
      const since = performance.now()
      const how = running === null ? "couldn't be started" : await running.exited
      running = null
      if (stopping.signal.aborted) return
      failures = performance.now() - since > STEADY_MS ? 1 : failures + 1
      const delayMs = restartDelayMs(failures)
      log.error({ how, delayMs }, `${spec.name} ended by itself: starting it again`)
      await delay(delayMs, undefined, { signal: stopping.signal }).catch(() => {})
      if (stopping.signal.aborted) return
      try {
        running = await launch(spec, command ?? spec.command, log)
        const ready = await becomesReady(spec, running, stopping.signal)
        if (ready) log.info({ pid: running.process.pid }, `${spec.name} is ready again`)
      } catch (error) {
        log.error({ err: error }, `${spec.name} couldn't be started`)
      }
    }
  }
  const kept = keep()

  return {
    get pid() {
      return running?.process.pid ?? null
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      if (running !== null) await end(running, spec.stopMs)
      await kept
      await removeClaim(spec.pidFile)
    },
  }
}

/** At once after the first end, then doubling up to a bound. */
export function restartDelayMs(failures: number): number {
  return failures <= 1 ? 0 : Math.min(MAX_DELAY_MS, 250 * 2 ** (failures - 2))
}

type Running = {
  readonly process: ChildProcess
  /** How it ended, in words. */
  readonly exited: Promise<string>
  lastWords(): readonly string[]
}

async function launch(spec: ChildSpec, command: string, log: Logger): Promise<Running> {
  const { promise: exited, resolve: ended } = Promise.withResolvers<string>()
  // A session of its own: Ctrl-C in the terminal reaches wardline alone, which ends its stores last.
  const child = spawn(...boundToUs(command, spec.args), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const endWithUs = () => child.kill('SIGTERM')
  child.once('exit', (code, signal) => {
    process.off('exit', endWithUs)
    ended(signal === null ? `exit code ${code}` : `signal ${signal}`)
  })
  const words: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      words.push(line)
      if (words.length > 10) words.shift()
      log[spec.levelOf(line)]({ from: spec.name }, line)
    })
  }
  await new Promise<void>((spawned, failed) => child.once('spawn', spawned).once('error', failed))
  process.once('exit', endWithUs)
  const { pid } = child
  if (pid !== undefined) await claim(spec, { pid, exited }, log)
  return { process: child, exited, lastWords: () => words }
}

/**
 * A child runs and serves whether or not it can be noted: on a disk that is full nobody is helped by another one. It is
 * noted as soon as there is room.
 */
async function claim(
  { name, pidFile }: ChildSpec,
  { pid, exited }: { readonly pid: number; readonly exited: Promise<string> },
  log: Logger,
): Promise<void> {
  let isOver = false
  void exited.then(() => (isOver = true))
  const failure = await written()
  if (failure === null) return
  log.error({ reason: failure, pid }, `${name} runs, and that can't be noted in its data directory`)
  void (async () => {
    do await delay(CLAIM_AGAIN_MS, undefined, { ref: false })
    while (!isOver && (await written()) !== null)
    if (!isOver) log.info({ pid }, `that ${name} runs is noted now`)
  })()

  async function written(): Promise<string | null> {
    try {
      await writeClaim(pidFile, pid)
      return null
    } catch (error) {
      return (error as Error).message
    }
  }
}

/** setpriv (util-linux) has the kernel end the child when we end, even by SIGKILL, then becomes the child. */
function boundToUs(command: string, args: readonly string[]): [string, string[]] {
  const setpriv = findExecutable('setpriv')
  if (setpriv === null) return [command, [...args]]
  return [setpriv, ['--pdeathsig', 'TERM', '--', command, ...args]]
}

/** False when it ended first, was too slow, or the signal aborted. */
async function becomesReady(
  spec: ChildSpec,
  running: Running,
  signal: AbortSignal,
): Promise<boolean> {
  let over = false
  void running.exited.then(() => (over = true))
  const until = performance.now() + spec.readyMs
  while (!over && !signal.aborted && performance.now() < until) {
    if (await spec.isReady()) return !over
    await delay(50)
  }
  return false
}

async function end(running: Running, stopMs: number): Promise<void> {
  running.process.kill('SIGTERM')
  const killer = setTimeout(() => running.process.kill('SIGKILL'), stopMs)
  await running.exited
  clearTimeout(killer)
}
