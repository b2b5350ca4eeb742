import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { answerParent } from '../../lab/child.ts'
import { createAnswerer } from '../../lab/fast-answer.ts'
import { decodeRequest } from '../../lab/snmp-packet.ts'
import { BEHAVIOURS, type HostileKind } from './hostile.ts'
import { COMMUNITY } from './questions.ts'

/** Agents of v2c that do what no agent should, in a process of their own. */
export type Question =
  | {
      readonly ask: 'open'
      readonly agents: readonly { readonly address: string; readonly kind: HostileKind }[]
    }
  | { readonly ask: 'requests' }

const LATE_MS = 300
const answerer = createAnswerer({ interfaces: 4, community: COMMUNITY })

let requests = 0

answerParent<Question>(async (question): Promise<number | null> => {
  if (question.ask === 'requests') return requests
  for (const { address, kind } of question.agents) await listen(address, kind)
  return null
})

async function listen(address: string, kind: HostileKind): Promise<void> {
  const socket = createSocket({
    type: 'udp4',
    lookup: (host, _options, callback) => callback(null, host, 4),
  })
  socket.on('message', (packet, from) => {
    requests++
    const request = decodeRequest(packet)
    const honest = answerer(packet, 0, performance.now())
    if (request === null || honest === null) return
    for (const answer of BEHAVIOURS[kind]({ request, honest })) {
      const send = () => socket.send(answer, from.port, from.address)
      if (kind === 'late') setTimeout(send, LATE_MS)
      else send()
    }
  })
  const listening = once(socket, 'listening')
  socket.bind(161, address)
  await listening
}
