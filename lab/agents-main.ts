import { type AgentChange, type Agents, openAgents } from './agent.ts'
import type { AgentSpec } from './simulated-device.ts'

/** The agents' own process (see lab/agents.ts): asked over the IPC channel, it ends when that closes. */
export type Question =
  | { readonly id: number; readonly ask: 'open'; readonly specs: readonly AgentSpec[] }
  | {
      readonly id: number
      readonly ask: 'change'
      readonly addresses: readonly string[]
      readonly change: AgentChange
    }
  | { readonly id: number; readonly ask: 'counts' | 'cpu' }

export type Answer = { readonly id: number; readonly result?: unknown; readonly problem?: string }

let agents: Agents | undefined

async function answer(question: Question): Promise<unknown> {
  if (question.ask === 'open') {
    agents = await openAgents(question.specs)
    return null
  }
  if (agents === undefined) throw new Error('no agents are open yet')
  switch (question.ask) {
    case 'change':
      return agents.change(question.addresses, question.change)
    case 'counts':
      return agents.counts()
    case 'cpu':
      return process.cpuUsage()
  }
}

process.on('message', (question: Question) => {
  answer(question).then(
    (result) => process.send?.({ id: question.id, result } satisfies Answer),
    (error: Error) => process.send?.({ id: question.id, problem: error.message } satisfies Answer),
  )
})
process.on('disconnect', () => process.exit())
// The process that asks decides when it is over: an interrupt at the terminal reaches both.
process.on('SIGINT', () => {})
