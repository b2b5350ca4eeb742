import { Resolver, lookup } from 'node:dns/promises'

/** `dns` said so, or the `system`: /etc/hosts, search domains, mDNS. */
export type Found = {
  readonly address: string
  readonly ttlMs: number
  readonly from: 'dns' | 'system'
}

/** Who knows the addresses of host names. An IPv4 address goes before an IPv6 one. */
export type NameSource = {
  /** Asks DNS, and the system where DNS has no such name; rejects with DNS's error when there is no answer. */
  find(name: string): Promise<Found>
  /** Asks the system's resolver, which takes a thread and can't be cancelled. */
  lookup(name: string): Promise<Found>
  /** Ends the DNS queries under way; they reject. */
  cancel(): void
}

/** What DNS is asked with; of `node:dns` unless a test says otherwise. */
export type Dns = {
  readonly resolver: Pick<Resolver, 'resolve4' | 'resolve6' | 'cancel'>
  readonly lookup: (name: string, options: { order: 'ipv4first' }) => Promise<{ address: string }>
}

export function openNameSource(
  { resolver, lookup: ask }: Dns = { resolver: new Resolver({ timeout: 2_000, tries: 2 }), lookup },
): NameSource {
  async function lookUp(name: string): Promise<Found> {
    const { address } = await ask(name, { order: 'ipv4first' })
    return { address, ttlMs: 60_000, from: 'system' }
  }

  return {
    async find(name) {
      // An answer that is lost says nothing: only a name without IPv4 addresses is asked for IPv6 ones.
      const [record] =
        (await orNone(resolver.resolve4(name, { ttl: true }))) ??
        (await orNone(resolver.resolve6(name, { ttl: true }))) ??
        []
      if (record === undefined) return lookUp(name)
      return { address: record.address, ttlMs: record.ttl * 1000, from: 'dns' }
    },
    lookup: lookUp,
    cancel: () => resolver.cancel(),
  }
}

/** True for an answer that there is no such name, or that it has no such address. */
export function hasNoSuchName(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENODATA' || code === 'ENOTFOUND'
}

async function orNone<T>(records: Promise<T[]>): Promise<T[] | null> {
  try {
    return await records
  } catch (error) {
    if (hasNoSuchName(error)) return null
    throw error
  }
}
