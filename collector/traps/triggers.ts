import { TRIGGERS } from './names.ts'

/**
 * Has a device probed at once after traps that change what a probe sees. A link that flaps doesn't hammer its device: a
 * poke each REST_MS at most, and one more at the end of the rest for whatever came within it, so that the last word of
 * a flapping link is seen too. Instants are on a monotonic scale, in milliseconds.
 */
export type Triggers = {
  trapped(deviceId: string, trapOid: string, now: number): void
  /** Pokes whose rest is over. */
  flush(now: number): void
}

export const REST_MS = 5_000

export function createTriggers(poke: (deviceId: string) => void): Triggers {
  const pokedAt = new Map<string, number>()
  const waiting = new Set<string>()

  function pokeNow(deviceId: string, now: number): void {
    pokedAt.set(deviceId, now)
    poke(deviceId)
  }

  return {
    trapped(deviceId, trapOid, now) {
      if (!TRIGGERS.has(trapOid)) return
      const last = pokedAt.get(deviceId)
      if (last === undefined || now - last >= REST_MS) pokeNow(deviceId, now)
      else waiting.add(deviceId)
    },
    flush(now) {
      for (const [deviceId, last] of pokedAt) {
        if (now - last < REST_MS) continue
        if (waiting.delete(deviceId)) pokeNow(deviceId, now)
        else pokedAt.delete(deviceId)
      }
    },
  }
}
