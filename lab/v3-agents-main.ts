import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { credentialSchema } from '../lib/config/credential.ts'
import { type UserKeys, deriveUserKeys } from '../lib/usm/keys.ts'
import { answerParent } from './child.ts'
import { createAnswerer } from './fast-answer.ts'
import type { V3AgentsSpec, V3Counts } from './v3-agents.ts'
import { type AnswerV2c, type V3Engine, answerV3 } from './v3-answer.ts'

export type Question =
  | { readonly ask: 'open'; readonly spec: V3AgentsSpec }
  | { readonly ask: 'reboot'; readonly how: 'counted' | 'lost' }
  | { readonly ask: 'counts' | 'cpu' }

const counts = { requests: 0, answers: 0, reports: 0 }
/** Of every agent: they boot together. */
let boot = { count: 1, at: performance.now() }

answerParent<Question>(async (question): Promise<V3Counts | NodeJS.CpuUsage | null> => {
  switch (question.ask) {
    case 'open':
      await open(question.spec)
      return null
    case 'reboot':
      boot = { count: question.how === 'lost' ? 1 : boot.count + 1, at: performance.now() }
      return null
    case 'counts':
      return counts
    case 'cpu':
      return process.cpuUsage()
  }
})

type User = { readonly name: Buffer; readonly keys: UserKeys }

async function open({ addresses, port = 161, credential, interfaces }: V3AgentsSpec) {
  const parsed = credentialSchema.parse(credential)
  if (parsed.version !== '3') throw new TypeError('expected a credential of version 3')
  const user = { name: Buffer.from(parsed.user), keys: await deriveUserKeys(parsed) }
  // Inside a message of v3 is a PDU of v2c.
  const answerer = createAnswerer({ interfaces, community: '' })
  for (const [agent, address] of addresses.entries()) {
    await listen(address, port, user, (packet) => answerer(packet, agent, performance.now()))
  }
}

/** A socket for each address: only so does an answer come from the address that was asked. */
async function listen(address: string, port: number, user: User, answer: AnswerV2c) {
  const engine = createEngine(address)
  const socket = createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    // Answers go where the question came from: Node would take a trip through its resolver for each.
    lookup: (host, _options, callback) => callback(null, host, isIPv6(host) ? 6 : 4),
  })
  socket.on('message', (packet, from) => {
    counts.requests++
    const answered = answerV3(packet, engine, user, answer)
    if (answered === null) return
    counts[answered.isReport ? 'reports' : 'answers']++
    socket.send(answered.packet, from.port, from.address)
  })
  const listening = once(socket, 'listening')
  socket.bind(port, address)
  try {
    await listening
  } catch (cause) {
    const { message } = cause as Error
    throw new Error(`no SNMPv3 agent on ${address}:${port}: ${message}`, { cause })
  }
  socket.on('error', () => {}) // an answer that can't be sent is an answer lost
}

/** RFC 3411 §5, SnmpEngineID: the enterprise's number (net-snmp's), 4 for text, the text. */
function createEngine(address: string): V3Engine {
  return {
    id: Buffer.concat([Buffer.from('80001f8804', 'hex'), Buffer.from(address)]),
    get boots() {
      return boot.count
    },
    time: () => Math.floor((performance.now() - boot.at) / 1000),
    keys: null,
  }
}
