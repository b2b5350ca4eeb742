/** Wakes a loop from its sleep. A ring while it doesn't sleep keeps it from the next one. */
export type Bell = {
  ring(): void
  /** Aborted by a ring. */
  signal(): AbortSignal
  /** Whatever was rung until now is about to be answered. */
  answer(): void
}

export function createBell(): Bell {
  let current = new AbortController()
  return {
    ring: () => current.abort(),
    signal: () => current.signal,
    answer() {
      if (current.signal.aborted) current = new AbortController()
    },
  }
}
