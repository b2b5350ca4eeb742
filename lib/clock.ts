import { setTimeout as delay } from 'node:timers/promises'

/** Time as the loops see it. Instants are Unix milliseconds. Tests pass their own. */
export type Clock = {
  now(): number
  /** Resolves at `at`, never before it, or at once when that is past; rejects with the signal's reason on abort. */
  sleepUntil(at: number, signal: AbortSignal): Promise<void>
}

/** The machine's clock, as it is set. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleepUntil: (at, signal) => sleepBy(Date.now, at, signal),
}

/** Sleeps until `at` by the clock that `now` reads. */
export async function sleepBy(now: () => number, at: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  const ms = at - now()
  if (ms <= 0) return
  // A timer counts its own milliseconds and may ring within the one before `at`: one more, and `at` has come.
  await delay(ms + 1, undefined, { signal }).catch(() => signal.throwIfAborted())
}

/** True for the rejection that an aborted signal causes: an end that was asked for, not an error. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (error === signal.reason || (error as Error)?.name === 'AbortError')
}
