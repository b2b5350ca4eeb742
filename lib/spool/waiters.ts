/** Those who wait until something is so. */
export type Waiters = {
  /** It may be so by now. */
  look(): void
  /** Resolves true once it is, false when that takes longer than `timeoutMs`. */
  until(isSo: () => boolean, timeoutMs: number): Promise<boolean>
}

export function createWaiters(): Waiters {
  const waiters = new Set<() => void>()
  return {
    look() {
      for (const waiter of waiters) waiter()
    },
    async until(isSo, timeoutMs) {
      if (isSo()) return true
      const { promise, resolve } = Promise.withResolvers<boolean>()
      const waiter = (): void => {
        if (isSo()) resolve(true)
      }
      waiters.add(waiter)
      const timer = setTimeout(() => resolve(false), timeoutMs)
      const isDone = await promise
      clearTimeout(timer)
      waiters.delete(waiter)
      return isDone
    },
  }
}
