import { type Socket, createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { answerParent } from './child.ts'
import { type FastAgentsSpec, type FastCounts } from './fast-agents.ts'
import { type Answerer, createAnswerer } from './fast-answer.ts'

export type Question =
  | { readonly ask: 'open'; readonly spec: FastAgentsSpec }
  | { readonly ask: 'silence'; readonly addresses: readonly string[] }
  | { readonly ask: 'delay'; readonly ms: number }
  | { readonly ask: 'counts' }

// A socket for each address: only so does an answer come from the address that was asked.
const silent = new Set<string>()
const counts = { requests: 0, answers: 0 }
let delayMs = 0

answerParent<Question>(async (question): Promise<FastCounts | null> => {
  switch (question.ask) {
    case 'open':
      await open(question.spec)
      return null
    case 'silence':
      silent.clear()
      for (const address of question.addresses) silent.add(address)
      return null
    case 'delay':
      delayMs = question.ms
      return null
    case 'counts':
      return counts
  }
})

async function open({ addresses, port = 161, ...alike }: FastAgentsSpec): Promise<void> {
  const answerer = createAnswerer(alike)
  for (const [agent, address] of addresses.entries()) {
    await listen(address, port, agent, answerer)
  }
}

async function listen(
  address: string,
  port: number,
  agent: number,
  answerer: Answerer,
): Promise<void> {
  const socket = createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // Answers go where the question came from: Node would take a trip through its resolver for each.
    lookup: (host, _options, callback) => callback(null, host, isIPv6(host) ? 6 : 4),
  })
  socket.on('message', (packet, from) => {
    counts.requests++
    if (silent.size > 0 && silent.has(address)) return
    const answer = answerer(packet, agent, performance.now())
    if (answer === null) return
    counts.answers++
    if (delayMs === 0) socket.send(answer, from.port, from.address)
    else setTimeout(() => socket.send(answer, from.port, from.address), delayMs)
  })
  await bound(socket, address, port)
  socket.on('error', () => {}) // an answer that can't be sent is an answer lost
}

function bound(socket: Socket, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (cause) =>
      reject(
        new Error(
          `no SNMP agent on ${address}:${port}: ${cause.message}` +
            ('code' in cause && cause.code === 'EMFILE'
              ? ' (each agent takes a socket: raise "ulimit -Hn")'
              : ''),
          { cause },
        ),
      ),
    )
    socket.bind(port, address, () => {
      socket.removeAllListeners('error')
      resolve()
    })
  })
}
