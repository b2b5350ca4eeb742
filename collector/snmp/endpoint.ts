import type { Family, Sent, TransportCounts } from './transport.ts'

/** What net-snmp gets for its `dgramModule`: a door to the shared socket, which shows it only what it may see. */
export type Endpoint = {
  readonly dgram: { createSocket(): SessionSocket }
  readonly family: Family
  /** An accepted packet that net-snmp couldn't read. */
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
    sent: Sent,
  ): void
  bind(): void
  ref(): void
  unref(): void
  close(): void
}

type Route = { readonly accept: (packet: Buffer) => boolean; deliver(packet: Buffer): void }

export type Endpoints = {
  open(
    key: string,
    accept: (packet: Buffer) => boolean,
    socket: {
      readonly family: Family
      send(packet: Buffer, port: number, address: string, sent: Sent): void
    },
  ): Endpoint
  /** Null when a session took it. */
  receive(key: string, packet: Buffer): 'unasked' | 'refused' | null
}

/** The doors of net-snmp's sessions, by the address and port that each asks. */
export function createEndpoints(counts: TransportCounts): Endpoints {
  const routes = new Map<string, Set<Route>>()

  return {
    open(key, accept, socket) {
      const route: Route = { accept, deliver() {} }
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
        send(packet, offset, length, port, address, sent) {
          socket.send(packet.subarray(offset, offset + length), port, address, sent)
        },
        close,
        bind() {},
        ref() {},
        unref() {},
      }
      return {
        dgram: { createSocket: () => door },
        family: socket.family,
        broken: () => void counts.broken++,
        close,
      }
    },
    receive(key, packet) {
      const sharing = routes.get(key)
      if (sharing === undefined) return 'unasked'
      // Several devices may share an address.
      for (const route of sharing) {
        if (!route.accept(packet)) continue
        try {
          route.deliver(packet)
        } catch {
          // net-snmp's handler threw: its request ends by its own timeout, the collector goes on.
          counts.broken++
        }
        return null
      }
      return 'refused'
    },
  }
}
