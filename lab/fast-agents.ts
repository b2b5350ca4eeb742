import { openChild } from './child.ts'
import type { Question } from './fast-agents-main.ts'

export type FastAgentsSpec = {
  readonly addresses: readonly string[]
  /** 161 unless told. */
  readonly port?: number
  readonly community: string
  readonly interfaces: number
}

export type FastAgents = AsyncDisposable & {
  readonly pid: number
  /** These and no others are silent from now on. */
  silence(addresses: readonly string[]): Promise<void>
  /** How long every answer takes from now on. */
  delay(ms: number): Promise<void>
  counts(): Promise<FastCounts>
}

export type FastCounts = { readonly requests: number; readonly answers: number }

/**
 * Thousands of SNMP agents (v1, v2c) that are all alike, in a process of their own: for measurements, where the lab's
 * other agents (lab/agents.ts) would take more CPU than whoever polls them.
 */
export async function startFastAgents(spec: FastAgentsSpec): Promise<FastAgents> {
  const file = new URL('./fast-agents-main.ts', import.meta.url)
  const child = await openChild<Question>(file, 'the process of the fast SNMP agents', {
    ask: 'open',
    spec,
  })
  return {
    pid: child.pid,
    async silence(addresses) {
      await child.ask({ ask: 'silence', addresses })
    },
    async delay(ms) {
      await child.ask({ ask: 'delay', ms })
    },
    async counts() {
      return (await child.ask({ ask: 'counts' })) as FastCounts
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  }
}

/** Addresses of the simulated network, from 198.18.0.1 on. */
export function fastAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, place) => {
    const host = place + 1
    return `198.${18 + (host >>> 16)}.${(host >>> 8) & 0xff}.${host & 0xff}`
  })
}
