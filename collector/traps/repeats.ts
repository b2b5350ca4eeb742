/** What was seen lately, bounded in time and number: it is remembered for `memoryMs` at least, unless `most` others came since. */
export type Repeats = {
  /** True when the key was seen before; notes it. `now` is on a monotonic scale. */
  isRepeat(key: string, now: number): boolean
}

export function createRepeats({ memoryMs, most }: { memoryMs: number; most: number }): Repeats {
  // Two generations: the older one is dropped when the younger is full or old.
  let young = new Set<string>()
  let old = new Set<string>()
  let bornAt = Number.NEGATIVE_INFINITY
  return {
    isRepeat(key, now) {
      if (now - bornAt >= memoryMs || young.size >= most) {
        // Both are out of date when nothing came for that long.
        old = now - bornAt >= 2 * memoryMs ? new Set() : young
        young = new Set()
        bornAt = now
      }
      if (young.has(key) || old.has(key)) return true
      young.add(key)
      return false
    },
  }
}
