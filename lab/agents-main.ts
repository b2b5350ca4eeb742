import { type AgentChange, type Agents, openAgents } from './agent.ts'
import { answerParent } from './child.ts'
import type { AgentSpec } from './simulated-device.ts'

/** What the agents' own process is asked (see lab/agents.ts). */
export type Question =
  | { readonly ask: 'open'; readonly specs: readonly AgentSpec[] }
  | {
      readonly ask: 'change'
      readonly addresses: readonly string[]
      readonly change: AgentChange
    }
  | { readonly ask: 'counts' | 'cpu' }

let agents: Agents | undefined

answerParent<Question>(async (question) => {
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
})
