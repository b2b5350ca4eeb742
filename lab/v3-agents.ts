import { openChild } from './child.ts'
import type { Question } from './v3-agents-main.ts'

export type V3AgentsSpec = {
  /** An engine of its own on each, whose id is made of the address. */
  readonly addresses: readonly string[]
  /** 161 unless told. */
  readonly port?: number
  /** As in wardline.yaml: the level is what is given. */
  readonly credential: {
    readonly version: '3'
    readonly user: string
    readonly auth_protocol?: string
    readonly auth_password?: string
    readonly priv_protocol?: string
    readonly priv_password?: string
  }
  readonly interfaces: number
}

export type V3Agents = AsyncDisposable & {
  readonly pid: number
  /** Every agent starts anew, with one boot more; or it has lost its boots and begins with the first again. */
  reboot(how: 'counted' | 'lost'): Promise<void>
  counts(): Promise<V3Counts>
  /** CPU that the agents took so far, in milliseconds. */
  cpuMs(): Promise<number>
}

export type V3Counts = {
  readonly requests: number
  /** Answers with values. */
  readonly answers: number
  /** Of what an agent couldn't take: its engine's id, its time, another user or key. */
  readonly reports: number
}

/**
 * Thousands of SNMPv3 agents that are alike but for their engines, in a process of their own: for measurements of what it
 * costs to discover them, to make keys for them and to ask them.
 */
export async function startV3Agents(spec: V3AgentsSpec): Promise<V3Agents> {
  const file = new URL('./v3-agents-main.ts', import.meta.url)
  const child = await openChild<Question>(file, 'the process of the SNMPv3 agents', {
    ask: 'open',
    spec,
  })
  return {
    pid: child.pid,
    async reboot(how) {
      await child.ask({ ask: 'reboot', how })
    },
    async counts() {
      return (await child.ask({ ask: 'counts' })) as V3Counts
    },
    async cpuMs() {
      const { user, system } = (await child.ask({ ask: 'cpu' })) as NodeJS.CpuUsage
      return (user + system) / 1000
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}
