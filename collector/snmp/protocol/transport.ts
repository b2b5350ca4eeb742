import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { SocketAddress, isIP } from 'node:net'
import { StartError } from '../../../lib/start-error.ts'
import { type Endpoint, type Receive, createEndpoints } from './endpoint.ts'
import { SnmpError } from './error.ts'
import type { Ends } from './exchange.ts'
import type { V3DropReason } from './v3/guard.ts'
import { type Header, PDU, WIRE_VERSION, readHeader } from './message.ts'
import { type Slots, createSlots } from './slots.ts'

/**
 * One UDP socket for each address family, shared by every session: a socket for each device costs a descriptor,
 * memory and buffers, and one for each poll a third of the rate. When the signal aborts, everything that waits for an
 * answer rejects with its reason.
 */
export type Transport = AsyncDisposable &
  Ends & {
    /** The other end of a session over v1 or v2c. Throws SnmpError `send` for an address that no socket can reach. */
    peer(at: Place & { readonly anySource?: boolean }): Peer
    /** What waits for an answer over v1 or v2c, and where it is by the ids of its requests. */
    readonly waiting: Slots<Waiting>
    readonly requests: Map<number, number>
    /** The other end of a session over v3, which is shown what comes from there. Throws as `peer` does. */
    endpoint(at: Place & { readonly anySource?: boolean }, receive: Receive): Endpoint
    /** What the kernel gave: it counts its own overhead, so a small reply takes about 800 bytes of it. */
    readonly receiveBufferBytes: number
    /** Live totals. */
    readonly counts: TransportCounts
  }

/** `address` is an IP literal. */
export type Place = { readonly address: string; readonly port: number }

/**
 * Why a packet was thrown away. `unasked`: it answers nothing, and comes from where no session is; `late`: nothing waits for
 * it any more; `source`: it answers a request, from another address or port than was asked; the
 * others are of v3.
 */
export type DropReason =
  | 'unasked'
  | 'malformed'
  | 'version'
  | 'community'
  | 'late'
  | 'source'
  | V3DropReason

export type TransportCounts = {
  sent: number
  sendErrors: number
  received: number
  /** Packets that looked right from outside and whose inside can't be read. */
  broken: number
  readonly dropped: Record<DropReason, number>
}

export type Peer = {
  /** As the kernel writes it. */
  readonly address: string
  readonly port: number
  readonly anySource: boolean
  send(packet: Buffer, sent: Sent): void
  /** Its packets are `unasked` from now on. */
  close(): void
}

export type Sent = (error: Error | null, bytes: number) => void

/** A question that was sent, and what an answer to it must have besides an id of its requests. */
export type Waiting = {
  readonly peer: Peer
  readonly version: number
  readonly community: Buffer
  /** False when the inside can't be read: the wait goes on. */
  take(packet: Buffer, header: Header): boolean
}

type Family = 'udp4' | 'udp6'

/** The kernel cuts this to net.core.rmem_max without a word. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024

export async function openTransport(signal: AbortSignal): Promise<Transport> {
  const waiting = createSlots<Waiting>()
  const requests = new Map<number, number>()
  const outstanding = createSlots<(reason: unknown) => void>()
  /** How many sessions ask there over v1 or v2c. */
  const sessions = new Map<string, number>()
  const counts: TransportCounts = {
    sent: 0,
    sendErrors: 0,
    received: 0,
    broken: 0,
    dropped: {
      unasked: 0,
      malformed: 0,
      version: 0,
      community: 0,
      late: 0,
      source: 0,
      level: 0,
      user: 0,
      engine: 0,
      report: 0,
      digest: 0,
    },
  }
  const endpoints = createEndpoints()
  const ended = new AbortController()
  const end = (): void => finish(signal.reason)
  signal.addEventListener('abort', end)
  if (signal.aborted) end()

  const udp4 = await openSocket('udp4', receive).catch((error: unknown) => {
    throw new StartError(`can't open a UDP socket for SNMP: ${(error as Error).message}`, {
      cause: error,
    })
  })
  // A machine without IPv6 monitors its IPv4 devices; the others get a clear error.
  const udp6 = await openSocket('udp6', receive).catch(() => null)
  const sockets = { udp4, udp6 }

  function receive(packet: Buffer, from: RemoteInfo): void {
    counts.received++
    const header = readHeader(packet)
    const reason =
      header === null
        ? 'malformed'
        : header.version === WIRE_VERSION['3']
          ? receiveV3(packet, from)
          : receiveCommunity(packet, header, from)
    if (reason !== null) counts.dropped[reason]++
  }

  function receiveCommunity(packet: Buffer, header: Header, from: RemoteInfo): DropReason | null {
    if (header.pdu !== PDU.response) return 'malformed'
    const exchange = waiting.get(requests.get(header.id) ?? -1)
    if (exchange === undefined) return sessions.has(placeKey(from)) ? 'late' : 'unasked'
    const { peer, version, community } = exchange
    const isFromPeer = from.port === peer.port && from.address === peer.address
    if (!isFromPeer && !peer.anySource) return 'source'
    if (header.version !== version) return 'version'
    if (!isAt(packet, header, community)) return 'community'
    if (!exchange.take(packet, header)) counts.broken++
    return null
  }

  function receiveV3(packet: Buffer, from: RemoteInfo): DropReason | null {
    const key = placeKey(from)
    const verdict = endpoints.receive(key, packet)
    return verdict === 'unasked' && sessions.has(key) ? 'version' : verdict
  }

  function socketTo(address: string): Socket {
    const socket = sockets[familyOf(address)]
    if (socket === null) {
      throw new SnmpError('send', `this machine has no IPv6, which ${address} needs`)
    }
    return socket
  }

  function sendBy(socket: Socket, packet: Buffer, port: number, address: string, sent: Sent): void {
    counts.sent++
    socket.send(packet, port, address, (error, bytes) => {
      if (error !== null) counts.sendErrors++
      sent(error, bytes)
    })
  }

  function finish(reason: unknown): void {
    ended.abort(reason)
    for (const tell of outstanding.all()) tell(reason)
  }

  return {
    signal: ended.signal,
    outstanding,
    waiting,
    requests,
    counts,
    receiveBufferBytes: udp4.getRecvBufferSize(),
    peer({ address: written, port, anySource = false }) {
      const socket = socketTo(written)
      const address = shortAddress(written)
      const key = placeKey({ address, port })
      sessions.set(key, (sessions.get(key) ?? 0) + 1)
      return {
        address,
        port,
        anySource,
        send: (packet, sent) => sendBy(socket, packet, port, address, sent),
        close() {
          const others = (sessions.get(key) ?? 1) - 1
          if (others === 0) sessions.delete(key)
          else sessions.set(key, others)
        },
      }
    },
    endpoint({ address: written, port, anySource = false }, receivePacket) {
      const socket = socketTo(written)
      const address = shortAddress(written)
      const { close } = endpoints.open(
        { key: placeKey({ address, port }), anySource },
        receivePacket,
      )
      return { send: (packet, sent) => sendBy(socket, packet, port, address, sent), close }
    },
    async [Symbol.asyncDispose]() {
      signal.removeEventListener('abort', end)
      finish(new SnmpError('send', 'the SNMP transport is closed'))
      for (const socket of [udp4, udp6]) {
        if (socket === null) continue
        socket.close()
        await once(socket, 'close')
      }
    },
  }
}

async function openSocket(
  family: Family,
  receive: (packet: Buffer, from: RemoteInfo) => void,
): Promise<Socket> {
  const socket = createSocket({
    type: family,
    ipv6Only: family === 'udp6',
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    // Addresses are IP literals: Node would still take a trip through its resolver for each packet.
    lookup: (address, _options, callback) => callback(null, address, family === 'udp6' ? 6 : 4),
  })
  const listening = once(socket, 'listening')
  socket.bind(0)
  await listening
  socket.on('message', receive)
  // A receive error (ENOBUFS …) concerns one packet; the requests that miss it end by their own timeouts.
  socket.on('error', () => {})
  return socket
}

/** Whether these bytes are the header's community. */
function isAt(packet: Buffer, { start, end }: Header, community: Buffer): boolean {
  if (end - start !== community.length) return false
  for (let i = 0; i < community.length; i++) {
    if (packet[start + i] !== community[i]) return false
  }
  return true
}

function familyOf(address: string): Family {
  const version = isIP(address)
  if (version === 0) {
    throw new SnmpError('send', `${JSON.stringify(address)} is not an IP address`)
  }
  return version === 6 ? 'udp6' : 'udp4'
}

const placeKey = ({ address, port }: Place): string => `${address} ${port}`

/** `2001:DB8:0::1` and `2001:db8::1` are one address, and the kernel writes the short one. */
function shortAddress(written: string): string {
  if (!written.includes(':')) return written
  const [ip = '', scope] = written.split('%')
  const { address } = new SocketAddress({ address: ip, family: 'ipv6' })
  return scope === undefined ? address : `${address}%${scope}`
}
