import type { Principal } from '../auth/principal.ts'

/** Who holds a stream. `address` is what the limits of sign-ins count by. */
export type Holder = { readonly principal: Principal; readonly address: string }

/** Why there is no room: this reader holds too many; all who haven't signed in do together; every place is taken. */
export const NO_ROOM = ['reader', 'open', 'all'] as const
export type NoRoom = (typeof NO_ROOM)[number]

/** The places for event streams, and who holds them. */
export type Room = {
  /** Takes a place; or takes none, and says why. */
  enter(holder: Holder): NoRoom | null
  /** Gives back one that was taken. */
  leave(holder: Holder): void
}

/**
 * A reader may hold half as many as are free: alone a third of all places, and however many want as many as they can get,
 * some are left. A fixed number would be too small for a wall of screens, or too large for few `places`.
 */
const OF_FREE = 0.5
/** Kept for who has signed in: of an open page's addresses there may be any number. */
const SIGNED_IN_SHARE = 0.1

export function createRoom(places: number): Room {
  const heldBy = new Map<string, number>()
  const mostOpen = places - Math.ceil(places * SIGNED_IN_SHARE)
  let held = 0
  let open = 0

  return {
    enter(holder) {
      const key = keyOf(holder)
      const own = heldBy.get(key) ?? 0
      const free = places - held
      if (free <= 0) return 'all'
      if (own >= OF_FREE * free) return 'reader'
      if (isOpen(holder) && open >= mostOpen) return 'open'
      heldBy.set(key, own + 1)
      held++
      if (isOpen(holder)) open++
      return null
    },
    leave(holder) {
      const key = keyOf(holder)
      const own = heldBy.get(key) ?? 0
      if (own > 1) heldBy.set(key, own - 1)
      else heldBy.delete(key)
      held--
      if (isOpen(holder)) open--
    },
  }
}

const isOpen = ({ principal }: Holder): boolean => principal.kind === 'open'

const keyOf = ({ principal, address }: Holder): string =>
  principal.kind === 'open' ? `address:${address}` : `${principal.kind}:${principal.name}`
