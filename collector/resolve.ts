import { Resolver, lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Clock } from '../lib/clock.ts'
import type { Device, InventorySource } from '../lib/inventory.ts'
import type { Logger } from '../lib/log.ts'

/** Turns host names into addresses ahead of time, so that no probe waits for a resolver. */
export type AddressBook = {
  /** The IP literal of a device's address; null until its name was resolved for the first time. */
  resolve(device: Device): string | null
}

const RETRY_MS = 30_000
const TTL_MS = { least: 10_000, most: 3_600_000 }
const LOOKUPS_AT_ONCE = 16

type Entry = { address: string | null; expiresAt: number; told: boolean }

/** Keeps the names of the inventory resolved until the signal aborts. A name that stops resolving keeps its last address. */
export function createAddressBook({
  inventory,
  clock,
  log,
  find = findAddress,
}: {
  inventory: InventorySource
  clock: Clock
  log: Logger
  find?: (name: string) => Promise<{ address: string; ttlMs: number }>
}): AddressBook & { run(signal: AbortSignal): Promise<void> } {
  const names = new Map<string, Entry>()

  async function refresh(name: string, entry: Entry): Promise<void> {
    try {
      const { address, ttlMs } = await find(name)
      entry.address = address
      entry.expiresAt = clock.now() + Math.min(Math.max(ttlMs, TTL_MS.least), TTL_MS.most)
      if (entry.told) log.info({ name, address }, 'name resolves again')
      entry.told = false
    } catch (error) {
      entry.expiresAt = clock.now() + RETRY_MS
      if (!entry.told)
        log.warn({ name, reason: (error as Error).message }, "name can't be resolved")
      entry.told = true
    }
  }

  return {
    resolve(device) {
      if (isIP(device.address) !== 0) return device.address
      return names.get(device.address)?.address ?? null
    },
    async run(signal) {
      while (!signal.aborted) {
        const wanted = new Set<string>()
        for (const device of inventory.current.values()) {
          if (device.enabled && isIP(device.address) === 0) wanted.add(device.address)
        }
        for (const name of names.keys()) if (!wanted.has(name)) names.delete(name)
        for (const name of wanted) {
          if (!names.has(name)) names.set(name, { address: null, expiresAt: 0, told: false })
        }
        const now = clock.now()
        const expired = [...names].filter(([, entry]) => entry.expiresAt <= now)
        for (let start = 0; start < expired.length; start += LOOKUPS_AT_ONCE) {
          const some = expired.slice(start, start + LOOKUPS_AT_ONCE)
          await Promise.all(some.map(([name, entry]) => refresh(name, entry)))
        }
        await clock.sleepUntil(clock.now() + 1000, signal).catch(() => {})
      }
    },
  }
}

const resolver = new Resolver({ timeout: 2_000, tries: 2 })

/** DNS first, for its TTL; then the system's resolver, which knows /etc/hosts. */
async function findAddress(name: string): Promise<{ address: string; ttlMs: number }> {
  for (const ask of [
    () => resolver.resolve4(name, { ttl: true }),
    () => resolver.resolve6(name, { ttl: true }),
  ]) {
    const [record] = await ask().catch(() => [])
    if (record !== undefined) return { address: record.address, ttlMs: record.ttl * 1000 }
  }
  const { address } = await lookup(name)
  return { address, ttlMs: 60_000 }
}
