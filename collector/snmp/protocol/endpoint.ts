import type { V3DropReason } from './v3/guard.ts'
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

type Route = { readonly refusal: Refusal; deliver(packet: Buffer): void }

/** Why a session may not see a packet; null when it may. */
export type Refusal = (packet: Buffer) => V3DropReason | null

export type Endpoints = {
  open(
    at: { readonly key: string; readonly anySource: boolean },
    refusal: Refusal,
    socket: {
      readonly family: Family
      send(packet: Buffer, port: number, address: string, sent: Sent): void
    },
  ): Endpoint
  /** Null when a session took it. */
  receive(key: string, packet: Buffer): 'unasked' | V3DropReason | null
}

/** The doors of net-snmp's sessions, by the address and port that each asks. */
export function createEndpoints(counts: TransportCounts): Endpoints {
  const routes = new Map<string, Set<Route>>()
  /** Those whose agents answer from anywhere. */
  const anywhere = new Set<Route>()

  return {
    open({ key, anySource }, refusal, socket) {
      const route: Route = { refusal, deliver() {} }
      if (anySource) anywhere.add(route)
      const others = routes.get(key)
      if (others === undefined) routes.set(key, new Set([route]))
      else others.add(route)

      function close(): void {
        const sharing = routes.get(key)
        sharing?.delete(route)
        anywhere.delete(route)
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
      const verdict = sharing === undefined ? 'unasked' : offer(packet, sharing)
      if (verdict === null || anywhere.size === 0) return verdict
      return offer(packet, anywhere) === null ? null : verdict
    },
  }

  /** Several devices may share an address: what tells whose it is tells more than that it is late for the others. */
  function offer(packet: Buffer, sharing: ReadonlySet<Route>): V3DropReason | null {
    let verdict: V3DropReason = 'late'
    for (const route of sharing) {
      const reason = route.refusal(packet)
      if (reason === null) {
        deliver(route, packet)
        return null
      }
      if (reason !== 'late') verdict = reason
    }
    return verdict
  }

  function deliver(route: Route, packet: Buffer): void {
    try {
      route.deliver(packet)
    } catch {
      // net-snmp's handler threw: its request ends by its own timeout, the collector goes on.
      counts.broken++
    }
  }
}
