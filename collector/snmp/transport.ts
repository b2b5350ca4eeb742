import { type RemoteInfo, type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { SocketAddress, isIP } from 'node:net'
import { StartError } from '../../lib/start-error.ts'
import { SnmpError } from './error.ts'
import { type Asked, type DropReason, judge, readHeader } from './guard.ts'

/**
 * One UDP socket for each address family, shared by every session: a socket for each device costs a descriptor,
 * memory and buffers, and one for each poll a third of the rate. net-snmp takes its socket from `dgramModule`:
 * what it gets is a door to the shared one, which shows it only packets that answer what it asked.
 */
export type Transport = AsyncDisposable & {
  /** A door for one session. Throws SnmpError `send` for an address that no socket can reach. */
  endpoint(address: string, port: number): Endpoint
  /** What the kernel gave: it counts its own overhead, so a small reply takes about 800 bytes of it. */
  readonly receiveBufferBytes: number
  /** Live totals. */
  readonly counts: TransportCounts
}

export type TransportCounts = {
  sent: number
  sendErrors: number
  received: number
  /** Packets that looked right from outside and broke net-snmp's decoder or handler. */
  broken: number
  readonly dropped: Record<DropReason, number>
}

export type Endpoint = {
  /** For net-snmp's `dgramModule`. */
  readonly dgram: { createSocket(): SessionSocket }
  readonly family: Family
  /** Whatever was asked so far is answered or given up: later answers to it are dropped. */
  settle(): void
  /** A packet passed the guard and net-snmp couldn't read it. */
  broken(): void
  /** Nothing is delivered any more. To be called with everything settled: the session isn't told. */
  close(): void
}

/** As much of a dgram.Socket as net-snmp's session uses. */
export type SessionSocket = {
  on(event: string, listener: (...values: never[]) => void): void
  send(
    packet: Buffer,
    offset: number,
    length: number,
    port: number,
    address: string,
    sent: (error: Error | null, bytes: number) => void,
  ): void
  bind(): void
  ref(): void
  unref(): void
  close(): void
}

export type Family = 'udp4' | 'udp6'

type Route = { asked: Asked | null; readonly ids: Set<number>; deliver(packet: Buffer): void }

/** The kernel cuts this to net.core.rmem_max without a word. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024

export async function openTransport(): Promise<Transport> {
  const routes = new Map<string, Set<Route>>()
  const counts: TransportCounts = {
    sent: 0,
    sendErrors: 0,
    received: 0,
    broken: 0,
    dropped: { unasked: 0, malformed: 0, version: 0, community: 0, late: 0 },
  }
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
    let reason: DropReason = 'unasked'
    // Several devices may share an address: the request's id tells whose answer it is.
    for (const route of routes.get(routeKey(from.address, from.port)) ?? []) {
      const verdict = route.asked === null ? 'late' : judge(packet, route.asked)
      if (verdict === 'answer') return deliver(route, packet)
      reason = verdict
    }
    counts.dropped[reason]++
  }

  function deliver(route: Route, packet: Buffer): void {
    try {
      route.deliver(packet)
    } catch {
      // net-snmp's handler threw: its request ends by its own timeout, the collector goes on.
      counts.broken++
    }
  }

  return {
    endpoint(address, port) {
      const family = familyOf(address)
      const socket = sockets[family]
      if (socket === null) {
        throw new SnmpError('send', `this machine has no IPv6, which ${address} needs`)
      }
      const key = routeKey(address, port)
      const route: Route = { asked: null, ids: new Set(), deliver() {} }
      const others = routes.get(key)
      if (others === undefined) routes.set(key, new Set([route]))
      else others.add(route)

      function close(): void {
        const sharing = routes.get(key)
        sharing?.delete(route)
        if (sharing?.size === 0) routes.delete(key)
      }
      const door: SessionSocket = {
        on(event, listener) {
          if (event === 'message') route.deliver = listener as Route['deliver']
        },
        send(packet, offset, length, toPort, to, sent) {
          const header = readHeader(packet)
          if (header !== null) {
            route.ids.add(header.requestId)
            route.asked = { ...header, requestIds: route.ids }
          }
          counts.sent++
          socket.send(packet, offset, length, toPort, to, (error, bytes) => {
            if (error !== null) counts.sendErrors++
            sent(error, bytes)
          })
        },
        close,
        bind() {},
        ref() {},
        unref() {},
      }
      return {
        dgram: { createSocket: () => door },
        family,
        settle: () => route.ids.clear(),
        broken: () => void counts.broken++,
        close,
      }
    },
    receiveBufferBytes: udp4.getRecvBufferSize(),
    counts,
    async [Symbol.asyncDispose]() {
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
    lookup: (address, _options, callback) => callback(null, address, isIP(address)),
  })
  const listening = once(socket, 'listening')
  socket.bind(0)
  await listening
  socket.on('message', receive)
  // A receive error (ENOBUFS …) concerns one packet; the requests that miss it end by their own timeouts.
  socket.on('error', () => {})
  return socket
}

function familyOf(address: string): Family {
  const version = isIP(address)
  if (version === 0) {
    throw new SnmpError('send', `${JSON.stringify(address)} is not an IP address`)
  }
  return version === 6 ? 'udp6' : 'udp4'
}

/** `2001:DB8:0::1` and `2001:db8::1` are one address, and the kernel writes the short one. */
function routeKey(address: string, port: number): string {
  if (!address.includes(':')) return `${address} ${port}`
  const [ip = '', scope] = address.split('%')
  const { address: short } = new SocketAddress({ address: ip, family: 'ipv6' })
  return `${short}%${scope ?? ''} ${port}`
}
