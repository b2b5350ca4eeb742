import { setTimeout as delay } from 'node:timers/promises'

/** Waits longer each time, up to a bound; never rejects, and ends at once when the signal aborts. */
export type Backoff = { wait(): Promise<void>; reset(): void }

export function createBackoff(
  { first, most }: { readonly first: number; readonly most: number },
  signal: AbortSignal,
): Backoff {
  let ms = first
  return {
    async wait() {
      const now = ms
      ms = Math.min(ms * 2, most)
      await pause(now, signal)
    },
    reset() {
      ms = first
    },
  }
}

export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => {})
