import type { V3DropReason } from './v3/guard.ts'
import type { Sent } from './transport.ts'

/** A v3 session's door to the shared socket. */
export type Endpoint = {
  send(packet: Buffer, sent: Sent): void
  /** Nothing is delivered any more. */
  close(): void
}

/** Takes a packet, or says why it doesn't. Never throws. */
export type Receive = (packet: Buffer) => V3DropReason | null

export type Endpoints = {
  /** What its packets are given to, until `close` is called. */
  open(
    at: { readonly key: string; readonly anySource: boolean },
    receive: Receive,
  ): { close(): void }
  /** Null when a session took it. */
  receive(key: string, packet: Buffer): 'unasked' | V3DropReason | null
}

/** The doors of v3 sessions, by the address and port that each asks. */
export function createEndpoints(): Endpoints {
  const routes = new Map<string, Set<Receive>>()
  /** Those whose agents answer from anywhere. */
  const anywhere = new Set<Receive>()

  return {
    open({ key, anySource }, receive) {
      if (anySource) anywhere.add(receive)
      const others = routes.get(key)
      if (others === undefined) routes.set(key, new Set([receive]))
      else others.add(receive)
      return {
        close() {
          const sharing = routes.get(key)
          sharing?.delete(receive)
          anywhere.delete(receive)
          if (sharing?.size === 0) routes.delete(key)
        },
      }
    },
    receive(key, packet) {
      const sharing = routes.get(key)
      const verdict = sharing === undefined ? 'unasked' : offer(packet, sharing)
      if (verdict === null || anywhere.size === 0) return verdict
      return offer(packet, anywhere) === null ? null : verdict
    },
  }
}

/** Several devices may share an address: what tells whose it is tells more than that it is late for the others. */
function offer(packet: Buffer, sharing: ReadonlySet<Receive>): V3DropReason | null {
  let verdict: V3DropReason = 'late'
  for (const receive of sharing) {
    const reason = receive(packet)
    if (reason === null) return null
    if (reason !== 'late') verdict = reason
  }
  return verdict
}
