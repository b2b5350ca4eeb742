import { createHash } from 'node:crypto'

/**
 * Which targets are due in which one-second slot. Each has a stable offset in its interval, from a hash of its
 * key: load is even, and neither a restart nor another device's arrival shifts it.
 */
export type Plan<T> = {
  /** The targets of the slot that starts at `slotAt` (Unix milliseconds, a whole second). */
  due(slotAt: number): readonly T[]
  /** The first slot at or after `at` in which the target of this key is due; null for an unknown key. */
  nextSlot(key: string, at: number): number | null
  readonly size: number
}

export type Planned<T> = {
  readonly key: string
  readonly intervalMs: number
  readonly target: T
}

export function createPlan<T>(entries: Iterable<Planned<T>>): Plan<T> {
  // interval in seconds → offset → targets: a slot costs one look-up for each interval in use.
  const wheels = new Map<number, T[][]>()
  const phases = new Map<string, { intervalSeconds: number; offsetSeconds: number }>()
  for (const { key, intervalMs, target } of entries) {
    const intervalSeconds = Math.max(1, Math.round(intervalMs / 1000))
    const offsetSeconds = offsetOf(key, intervalSeconds)
    let wheel = wheels.get(intervalSeconds)
    if (wheel === undefined) {
      wheel = Array.from({ length: intervalSeconds }, () => [])
      wheels.set(intervalSeconds, wheel)
    }
    wheel[offsetSeconds]?.push(target)
    phases.set(key, { intervalSeconds, offsetSeconds })
  }
  return {
    due(slotAt) {
      const second = Math.floor(slotAt / 1000)
      let targets: readonly T[] = []
      for (const [intervalSeconds, wheel] of wheels) {
        const bucket = wheel[second % intervalSeconds] ?? []
        targets = targets.length === 0 ? bucket : targets.concat(bucket)
      }
      return targets
    },
    nextSlot(key, at) {
      const phase = phases.get(key)
      if (phase === undefined) return null
      const second = Math.ceil(at / 1000)
      const wait =
        (phase.offsetSeconds - (second % phase.intervalSeconds) + phase.intervalSeconds) %
        phase.intervalSeconds
      return (second + wait) * 1000
    },
    size: phases.size,
  }
}

/**
 * Who was late by so much stood still rather than being busy: the slot that has begun meanwhile is left behind as well, or
 * what is sent of it and of the next one would be two slots in one second.
 */
export const STOOD_STILL_MS = 10_000

/** Nobody sleeps for longer: a clock that is so far ahead of where it was awaited was set. */
const MOST_SLEPT_MS = 86_400_000

/**
 * Whether a clock that says `now` was set since the slot `planned` was waited for: back by more than a slot, or far ahead, as
 * that of a machine that started without the time. No slot in between is anybody's then.
 */
export const isClockSet = (planned: number, now: number): boolean =>
  now < planned - 1000 || now > planned + MOST_SLEPT_MS

/** A stable phase in whole seconds, even over keys. */
export function offsetOf(key: string, intervalSeconds: number): number {
  return createHash('sha1').update(key).digest().readUInt32BE(0) % intervalSeconds
}
