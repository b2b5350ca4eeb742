import type { AgentCounts, Agents } from './agent.ts'
import type { Question } from './agents-main.ts'
import { openChild } from './child.ts'
import type { AgentSpec } from './simulated-device.ts'

export type AgentsProcess = Agents & {
  readonly pid: number
  /** CPU that the agents took so far, in milliseconds. */
  cpuMs(): Promise<number>
}

/** Agents in a process of their own, so that their CPU isn't counted to whoever polls them. */
export async function startAgents(specs: readonly AgentSpec[]): Promise<AgentsProcess> {
  const file = new URL('./agents-main.ts', import.meta.url)
  const child = await openChild<Question>(file, 'the process of the SNMP agents', {
    ask: 'open',
    specs,
  })
  return {
    pid: child.pid,
    async change(addresses, change) {
      return (await child.ask({ ask: 'change', addresses: [...addresses], change })) as number
    },
    async counts() {
      return (await child.ask({ ask: 'counts' })) as AgentCounts
    },
    async cpuMs() {
      const { user, system } = (await child.ask({ ask: 'cpu' })) as NodeJS.CpuUsage
      return (user + system) / 1000
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}
