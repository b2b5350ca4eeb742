import type { UserCredential } from '../../lib/config/credential.ts'
import type { EngineKeys } from '../../lib/usm/keys.ts'
import type { EngineTime } from '../../lib/usm/seal.ts'

/** An engine that sent a trap with a right digest. */
export type Peer = {
  readonly keys: Map<UserCredential, EngineKeys>
  /**
   * True when a message is as new as it should be, and then what is newest: RFC 3414 §3.2 7b. Of the first message of an
   * engine nobody can say how old it is.
   */
  isTimely(given: EngineTime, now: number): boolean
}

export type Peers = {
  find(engineId: Buffer): Peer | undefined
  /** The engine, noted when it wasn't known. For senders that proved themselves: they take memory. */
  note(engineId: Buffer): Peer
}

const MOST_PEERS = 20_000

/**
 * By the engine's id alone, as RFC 3414 has it, and not by the source: what one device has sent would count once more in
 * the name of every other one.
 */
export function createPeers(most = MOST_PEERS): Peers {
  const peers = new Map<string, Peer>()
  return {
    find: (engineId) => peers.get(engineId.toString('latin1')),
    note(engineId) {
      const key = engineId.toString('latin1')
      const peer = peers.get(key) ?? createPeer()
      // The one that was heard of longest ago comes first, and goes first.
      peers.delete(key)
      peers.set(key, peer)
      if (peers.size > most) {
        const [oldest] = peers.keys()
        if (oldest !== undefined) peers.delete(oldest)
      }
      return peer
    },
  }
}

const WINDOW_SECONDS = 150
/** An engine that has no boots left (RFC 3414 §2.2.1). */
const LAST_BOOTS = 2 ** 31 - 1

function createPeer(): Peer {
  let newest: (EngineTime & { readonly at: number }) | null = null
  return {
    keys: new Map(),
    isTimely({ boots, time }, now) {
      if (boots === LAST_BOOTS) return false
      if (
        newest === null ||
        boots > newest.boots ||
        (boots === newest.boots && time > newest.time)
      ) {
        newest = { boots, time, at: now }
        return true
      }
      const expected = newest.time + (now - newest.at) / 1000
      return boots === newest.boots && time >= expected - WINDOW_SECONDS
    },
  }
}

/** Whether a message that we decide about is as new as it should be: RFC 3414 §3.2 7a. */
export const isWithinWindow = (given: EngineTime, own: EngineTime): boolean =>
  given.boots === own.boots && Math.abs(given.time - own.time) <= WINDOW_SECONDS
