import { TRIGGERS } from './names.ts'

/**
 * Has a device probed at once after traps that change what a probe sees. A link that flaps doesn't hammer its device: a
 * poke each REST_MS at most, and one more at the end of the rest for whatever came within it, so that the last word of
 * a flapping link is seen too. Of a whole fleet that traps, so many have their turn between two flushes, and the others
 * wait for theirs. Instants are on a monotonic scale, in milliseconds.
 */
export type Triggers = {
  trapped(deviceId: string, trapOid: string, now: number): void
  /** To be called each second: pokes those whose rest is over and those who wait. */
  flush(now: number): void
}

export const REST_MS = 5_000
/**
 * Traps of v1 and v2c can be forged in the name of every device, and each poke is a poll beside the planned ones. One of a
 * silent device takes ten seconds and a place of a thousand: fifty a second take half of these.
 */
export const MOST_POKES = 50

export function createTriggers(poke: (deviceId: string) => void): Triggers {
  const pokedAt = new Map<string, number>()
  const waiting = new Set<string>()
  let left = MOST_POKES

  const isRested = (deviceId: string, now: number): boolean =>
    now - (pokedAt.get(deviceId) ?? Number.NEGATIVE_INFINITY) >= REST_MS

  function pokeNow(deviceId: string, now: number): void {
    left--
    pokedAt.set(deviceId, now)
    poke(deviceId)
  }

  return {
    trapped(deviceId, trapOid, now) {
      if (!TRIGGERS.has(trapOid)) return
      if (left > 0 && !waiting.has(deviceId) && isRested(deviceId, now)) pokeNow(deviceId, now)
      else waiting.add(deviceId)
    },
    flush(now) {
      left = MOST_POKES
      for (const deviceId of waiting) {
        if (left === 0) break
        if (!isRested(deviceId, now)) continue
        waiting.delete(deviceId)
        pokeNow(deviceId, now)
      }
      for (const deviceId of pokedAt.keys()) if (isRested(deviceId, now)) pokedAt.delete(deviceId)
    },
  }
}
