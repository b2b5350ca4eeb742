import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

export type WardlineProcess = AsyncDisposable & {
  readonly pid: number
  /** All that it has written so far. */
  output(): string
  /** The exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/** Starts `wardline …args` as a process of its own; disposing kills it. `root` is the folder of the program. */
export function startWardline(
  args: readonly string[],
  { root = ROOT, env = {} }: { root?: string; env?: Record<string, string> } = {},
): WardlineProcess {
  return startProcess(process.execPath, [join(root, 'bin/wardline.ts'), ...args], {
    cwd: root,
    env,
  })
}

export function startProcess(
  command: string,
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): WardlineProcess {
  const { WARDLINE_CONFIG: _, ...inherited } = process.env
  const child = spawn(command, args, {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const exited = once(child, 'close').then(([code]) => code as number | null)
  return {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    kill: (signal) => void child.kill(signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
