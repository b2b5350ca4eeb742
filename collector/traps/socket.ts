import { type RemoteInfo, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { listenFailure, parseListen } from '../../lib/listen-address.ts'
import { StartError } from '../../lib/start-error.ts'

/** The door for traps: a socket of their own, so that a flood of them takes no room from the answers to polls. */
export type TrapSocket = AsyncDisposable & {
  readonly port: number
  /** Never waits, never rejects: who sent an inform sends it again. */
  reply(packet: Buffer, to: Pick<RemoteInfo, 'address' | 'port'>): void
}

/** Room for some thousand traps: a core switch that goes down is told by many at once. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** Rejects with StartError when the address can't be had. */
export async function openTrapSocket(
  listen: string,
  receive: (packet: Buffer, from: RemoteInfo) => void,
): Promise<TrapSocket> {
  const { host, port } = parseListen(listen)
  const socket = createSocket({
    type: isIPv6(host) ? 'udp6' : 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  })
  const listening = once(socket, 'listening')
  socket.bind(port, host)
  try {
    await listening
  } catch (error) {
    throw new StartError(`snmp.traps.listen: ${listenFailure(listen, error)}`, { cause: error })
  }
  // An error of one packet is that packet's alone.
  socket.on('error', () => {})
  socket.on('message', receive)
  let isOpen = true
  return {
    port: socket.address().port,
    reply(packet, to) {
      // A forged packet may come from port 0, which nothing can be sent to: send() would throw.
      if (isOpen && to.port !== 0) socket.send(packet, to.port, to.address, () => {})
    },
    async [Symbol.asyncDispose]() {
      isOpen = false
      socket.close()
      await once(socket, 'close')
    },
  }
}
