import { type RemoteInfo, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { credentialSchema } from '../../../lib/config/credential.ts'
import { deriveUserKeys } from '../../../lib/usm/keys.ts'
import { createAnswerer } from '../../../lab/fast-answer.ts'
import { type V3Answer, answerV3 } from '../../../lab/v3-answer.ts'
import { type V3Message, readV3Message } from '../../../lab/v3-packet.ts'
import type { SnmpdUser } from './snmpd.ts'

/** An agent of v3 whose engine can be changed while it runs, and in front of which somebody may sit. */
export type V3Agent = AsyncDisposable & {
  readonly address: string
  readonly port: number
  readonly engine: { id: Buffer; boots: number; time: number }
  /**
   * What leaves the agent's own socket for a request: the genuine answer alone unless told. A forger puts packets in
   * front of it, or in its place.
   */
  respond(request: Asked, genuine: V3Answer | null): readonly Buffer[]
  /** Requests that came. */
  readonly requests: readonly Asked[]
}

export type Asked = V3Message & { readonly from: RemoteInfo }

export async function openV3Agent(user: SnmpdUser): Promise<V3Agent> {
  const credential = credentialSchema.parse({ version: '3', ...user })
  if (credential.version !== '3') throw new TypeError('expected a user')
  const keys = await deriveUserKeys(credential)
  const name = Buffer.from(credential.user)
  const engine = { id: Buffer.from('80001f88040a0b0c0d', 'hex'), boots: 5, time: 1_000 }
  const answer = createAnswerer({ interfaces: 2, community: '' })
  const requests: Asked[] = []

  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const agent: V3Agent = {
    address: '127.0.0.1',
    port: socket.address().port,
    engine,
    requests,
    respond: (_request, genuine) => (genuine === null ? [] : [genuine.packet]),
    async [Symbol.asyncDispose]() {
      socket.close()
      await once(socket, 'close')
    },
  }
  socket.on('message', (packet, from) => {
    const message = readV3Message(packet)
    if (message === null) return
    const request = { ...message, from }
    requests.push(request)
    const now = { ...engine, time: () => engine.time, keys: null }
    const genuine = answerV3(packet, now, { name, keys }, (pdu) => answer(pdu, 0, 0))
    for (const response of agent.respond(request, genuine)) {
      socket.send(response, from.port, from.address)
    }
  })
  return agent
}
