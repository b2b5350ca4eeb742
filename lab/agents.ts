import { type ChildProcess, fork } from 'node:child_process'
import type { AgentCounts, Agents } from './agent.ts'
import type { Answer, Question } from './agents-main.ts'
import type { AgentSpec } from './simulated-device.ts'

export type AgentsProcess = Agents & {
  readonly pid: number
  /** CPU that the agents took so far, in milliseconds. */
  cpuMs(): Promise<number>
}

type Waiting = { resolve(result: unknown): void; reject(error: Error): void }
type Unnumbered<T> = T extends unknown ? Omit<T, 'id'> : never

/** Agents in a process of their own, so that their CPU isn't counted to whoever polls them. */
export async function startAgents(specs: readonly AgentSpec[]): Promise<AgentsProcess> {
  const child = fork(new URL('./agents-main.ts', import.meta.url), { execArgv: [] })
  const waiting = new Map<number, Waiting>()
  let lastId = 0

  child.on('message', ({ id, result, problem }: Answer) => {
    const asker = waiting.get(id)
    waiting.delete(id)
    if (problem === undefined) asker?.resolve(result)
    else asker?.reject(new Error(problem))
  })
  child.on('exit', (code, signal) => {
    const error = new Error(`the process of the SNMP agents ended (${signal ?? `exit ${code}`})`)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  })

  function ask(question: Unnumbered<Question>): Promise<unknown> {
    const id = ++lastId
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      child.send({ id, ...question }, (error) => {
        if (error !== null) reject(error)
      })
    })
  }

  try {
    await ask({ ask: 'open', specs })
  } catch (error) {
    await ended(child)
    throw error
  }
  return {
    pid: child.pid ?? 0,
    async change(addresses, change) {
      return (await ask({ ask: 'change', addresses: [...addresses], change })) as number
    },
    async counts() {
      return (await ask({ ask: 'counts' })) as AgentCounts
    },
    async cpuMs() {
      const { user, system } = (await ask({ ask: 'cpu' })) as NodeJS.CpuUsage
      return (user + system) / 1000
    },
    [Symbol.asyncDispose]: () => ended(child),
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
