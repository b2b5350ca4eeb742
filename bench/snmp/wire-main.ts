import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Session, Version2c, createSession } from 'net-snmp'
import { answerParent } from '../../lab/child.ts'
import { type Spent, keepBusy, measureLoad } from './load.ts'
import { COMMUNITY, SCALARS } from './questions.ts'

/**
 * What stands beside wardline's figures, on the same agents: what a UDP socket of Node can do at all (one fixed
 * request, sent again and again, answers not looked at), and net-snmp as it is, its sessions on one socket.
 */
export type Question = {
  readonly ask: 'bare' | 'net-snmp'
  readonly addresses: readonly string[]
  readonly lanes: number
  readonly seconds: number
  readonly warmupSeconds: number
}

export type Exchanged = Spent & { readonly answers: number; readonly lost: number }

answerParent<Question>((question) =>
  question.ask === 'bare' ? exchangeBare(question) : exchangeNetSnmp(question),
)

const PORT = 161
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024
/** Agents answer within a millisecond or two. */
const LOST_MS = 500

async function exchangeBare({ addresses, lanes, ...times }: Question): Promise<Exchanged> {
  const socket = await openSocket()
  const packet = await recordPacket(socket)
  let [sent, answers] = [0, 0]

  async function load(seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000
    const { promise, resolve } = Promise.withResolvers<void>()
    let open = lanes
    const ask = (): void => {
      socket.send(packet, PORT, addresses[sent++ % addresses.length] ?? '')
    }
    socket.removeAllListeners('message')
    socket.on('message', () => {
      answers++
      if (performance.now() < until) ask()
      else if (--open === 0) resolve()
    })
    for (let lane = 0; lane < lanes; lane++) ask()
    const late = setTimeout(resolve, seconds * 1000 + LOST_MS)
    await promise
    clearTimeout(late)
  }

  const spent = await measureLoad(times, load, () => ([sent, answers] = [0, 0]))
  socket.close()
  return { ...spent, answers, lost: sent - answers }
}

/** A GET as net-snmp sends it: made once, by letting it send one to ourselves. */
async function recordPacket(socket: Socket): Promise<Buffer> {
  const { port } = socket.address()
  const session = createSession('127.0.0.1', COMMUNITY, { port, version: Version2c, retries: 0 })
  const recorded = once(socket, 'message') as Promise<[Buffer]>
  session.get([...SCALARS], () => {}) // it gets no answer
  const [packet] = await recorded
  session.close()
  return packet
}

async function exchangeNetSnmp({ addresses, lanes, ...times }: Question): Promise<Exchanged> {
  const socket = await openSocket()
  const sessions = addresses.map((address) => createSharedSession(socket, address))
  let [asked, answers] = [0, 0]
  const receivers = new Map(sessions.map(({ address, receive }) => [address, receive]))
  socket.on('message', (packet, from) => receivers.get(from.address)?.(packet))

  const load = (seconds: number): Promise<void> =>
    keepBusy({ lanes, seconds }, (turn) => {
      const { session } = sessions[turn % sessions.length] ?? {}
      asked++
      return new Promise((resolve) => {
        session?.get([...SCALARS], (error: Error | null) => {
          if (error === null) answers++
          resolve()
        })
      })
    })

  const spent = await measureLoad(times, load, () => ([asked, answers] = [0, 0]))
  for (const { session } of sessions) session.close()
  socket.close()
  return { ...spent, answers, lost: asked - answers }
}

function createSharedSession(
  socket: Socket,
  address: string,
): { address: string; session: Session; receive(packet: Buffer): void } {
  let receive = (_packet: Buffer): void => {}
  const door = {
    on(event: string, listener: (packet: Buffer) => void) {
      if (event === 'message') receive = listener
    },
    send: socket.send.bind(socket),
    bind() {},
    close() {},
    ref() {},
    unref() {},
  }
  const session = createSession(address, COMMUNITY, {
    port: PORT,
    version: Version2c,
    retries: 0,
    timeout: LOST_MS,
    dgramModule: { createSocket: () => door },
  })
  session.on('error', () => {})
  return { address, session, receive: (packet) => receive(packet) }
}

async function openSocket(): Promise<Socket> {
  const socket = createSocket({
    type: 'udp4',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    lookup: (host, _options, callback) => callback(null, host, 4),
  })
  const listening = once(socket, 'listening')
  socket.bind(0)
  await listening
  return socket
}
