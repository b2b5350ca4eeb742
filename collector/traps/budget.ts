/** How much work strangers may cause: so many packets in each window, from one source and in all. The rest is dropped. */
export type Budget = {
  /** False when the window's share is used up. `now` is on a monotonic scale, in milliseconds. */
  take(source: string, now: number): boolean
}

export const WINDOW_MS = 100

export function createBudget({ perSource, inAll }: { perSource: number; inAll: number }): Budget {
  const taken = new Map<string, number>()
  let all = 0
  let startedAt = Number.NEGATIVE_INFINITY

  return {
    take(source, now) {
      if (now - startedAt >= WINDOW_MS) {
        startedAt = now
        all = 0
        taken.clear()
      }
      const own = taken.get(source) ?? 0
      if (own >= perSource || all >= inAll) return false
      taken.set(source, own + 1)
      all++
      return true
    },
  }
}
