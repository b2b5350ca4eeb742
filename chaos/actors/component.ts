import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { withSystemPath } from '../../lab/namespace.ts'

/** A program that is started, killed, frozen and started again. It ends with this process, however that ends. */
export type Component = AsyncDisposable & {
  readonly name: string
  /** The process that runs now. */
  readonly pid: number | null
  /** Resolves when it answers; rejects with its last words when it doesn't. */
  start(): Promise<void>
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>
  freeze(): void
  thaw(): void
}

export type ComponentSpec = {
  readonly name: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Where what it says is kept. */
  readonly logFile: string
  /** One look. */
  isReady(): Promise<boolean>
  /** Told when it ended though nobody ended it. */
  readonly onDeath: (words: string) => void
}

/** Where others keep the machine busy, too. */
const READY_MS = 120_000

export function component(spec: ComponentSpec): Component {
  let running: ChildProcess | null = null

  async function start(): Promise<void> {
    const log = openSync(spec.logFile, 'a')
    // SIGKILL and not SIGTERM: a process that is stopped heeds nothing else. A session of its own: Ctrl-C is ours.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...spec.command], {
      env: { ...withSystemPath(), ...spec.env },
      stdio: ['ignore', log, log],
      detached: true,
    })
    closeSync(log)
    running = child
    child.on('exit', (code, signal) => {
      if (running !== child) return
      running = null
      spec.onDeath(`${signal ?? `exit code ${code}`}: ${lastWords(spec.logFile)}`)
    })
    await once(child, 'spawn')
    const until = performance.now() + READY_MS
    while (running === child && performance.now() < until) {
      if (await spec.isReady().catch(() => false)) return
      await delay(50)
    }
    throw new Error(`${spec.name} didn't start: ${lastWords(spec.logFile)}`)
  }

  async function kill(): Promise<void> {
    const child = running
    if (child === null) return
    running = null // by us: no death of its own
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    name: spec.name,
    get pid() {
      return running?.pid ?? null
    },
    start,
    kill,
    freeze: () => void running?.kill('SIGSTOP'),
    thaw: () => void running?.kill('SIGCONT'),
    [Symbol.asyncDispose]: kill,
  }
}

function lastWords(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(-6).join('\n')
  } catch {
    return 'nothing that is kept' // the logs went with the run
  }
}

/** Whether a URL answers at all within a second; anything below 600 is an answer. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(1_000) })
  await response.arrayBuffer()
  return true
}
