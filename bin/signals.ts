/** Services and stores together have 10 s to end. */
const END_MS = 9_500

/**
 * Aborts at the first SIGTERM or SIGINT. A second one, or an end that takes too long, exits at once; embedded
 * stores then end by themselves.
 */
export function endSignal(): AbortSignal {
  const end = new AbortController()
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (end.signal.aborted) process.exit(1)
      end.abort()
      setTimeout(() => process.exit(1), END_MS).unref()
    })
  }
  return end.signal
}
