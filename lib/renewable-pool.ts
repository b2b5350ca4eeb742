import { Pool } from 'undici'

/** Connections to one origin, which others can take the place of. */
export type RenewablePool = {
  /** The ones that are used now. */
  readonly current: Pool
  /** What is asked from now on goes over new ones; what is under way ends over those that it has. */
  renew(): void
  /** One of those that are used now has ended. */
  onDisconnect(listener: () => void): void
  /** What is under way fails. */
  destroy(): Promise<void>
}

export function openRenewablePool(origin: string, options: Pool.Options): RenewablePool {
  const listeners = new Set<() => void>()
  const retired = new Set<Pool>()
  let current = open()

  function open(): Pool {
    const pool = new Pool(origin, options)
    pool.on('disconnect', () => {
      if (pool === current) for (const listener of listeners) listener()
    })
    return pool
  }

  return {
    get current() {
      return current
    },
    renew() {
      const old = current
      current = open()
      retired.add(old)
      const gone = (): void => void retired.delete(old)
      old.close().then(gone, gone)
    },
    onDisconnect: (listener) => void listeners.add(listener),
    async destroy() {
      await Promise.all([current, ...retired].map((pool) => pool.destroy()))
    },
  }
}
