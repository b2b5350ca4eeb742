import { isIP } from 'node:net'
import pLimit from 'p-limit'
import type { Clock } from '../lib/clock.ts'
import type { Device, InventorySource } from '../lib/inventory.ts'
import type { Logger } from '../lib/log.ts'
import { type Found, type NameSource, hasNoSuchName, openNameSource } from './name-source.ts'

/** Turns host names into addresses ahead of time, so that no probe waits for a resolver. */
export type AddressBook = {
  /** The IP literal of a device's address; null until its name was resolved for the first time. */
  resolve(device: Device): string | null
}

const RETRY_MS = 30_000
const TTL_MS = { least: 10_000, most: 3_600_000 }
/** DNS queries at once, and as many again for names that failed last time: those keep no other waiting. */
const QUERIES_AT_ONCE = 100
/** Each holds one of the four threads that the process has for these and for files, for as long as it likes. */
const SYSTEM_LOOKUPS_AT_ONCE = 2
/** Names without an answer that wait for the system's resolver; the others have another turn at DNS instead. */
const MOST_WAITING = 16

type Entry = { found: Found | null; expiresAt: number; told: boolean; busy: boolean }

/** Keeps the names of the inventory resolved until the signal aborts. A name that stops resolving keeps its last address. */
export function createAddressBook({
  inventory,
  clock,
  log,
  source = openNameSource(),
}: {
  inventory: InventorySource
  clock: Clock
  log: Logger
  source?: NameSource
}): AddressBook & { run(signal: AbortSignal): Promise<void> } {
  const names = new Map<string, Entry>()
  const lanes = {
    usual: pLimit(QUERIES_AT_ONCE),
    failing: pLimit(QUERIES_AT_ONCE),
    system: pLimit(SYSTEM_LOOKUPS_AT_ONCE),
  }

  async function refresh(name: string, entry: Entry, signal: AbortSignal): Promise<void> {
    entry.busy = true
    try {
      const found = await find(name, entry, signal)
      if (signal.aborted) return
      entry.found = found
      entry.expiresAt = clock.now() + Math.min(Math.max(found.ttlMs, TTL_MS.least), TTL_MS.most)
      if (entry.told) log.info({ name, address: found.address }, 'name resolves again')
      entry.told = false
    } catch (error) {
      if (signal.aborted) return
      entry.expiresAt = clock.now() + RETRY_MS
      if (!entry.told)
        log.warn({ name, reason: (error as Error).message }, "name can't be resolved")
      entry.told = true
    } finally {
      entry.busy = false
    }
  }

  async function find(name: string, { found, told }: Entry, signal: AbortSignal): Promise<Found> {
    const lane = told ? lanes.failing : lanes.usual
    try {
      return await lane(() => source.find(name))
    } catch (error) {
      if (signal.aborted || hasNoSuchName(error) || found?.from === 'dns') throw error
      const { code } = error as NodeJS.ErrnoException
      // Who waited for DNS in vain mostly waits here too, for longer.
      if (code === 'ETIMEOUT' && lanes.system.pendingCount >= MOST_WAITING) throw error
      return lanes.system(() => source.lookup(name))
    }
  }

  function refreshExpired(signal: AbortSignal): void {
    const wanted = new Set<string>()
    for (const device of inventory.current.values()) {
      if (device.enabled && isIP(device.address) === 0) wanted.add(device.address)
    }
    for (const name of names.keys()) if (!wanted.has(name)) names.delete(name)
    for (const name of wanted) {
      if (!names.has(name)) names.set(name, { found: null, expiresAt: 0, told: false, busy: false })
    }
    const now = clock.now()
    for (const [name, entry] of names) {
      if (!entry.busy && entry.expiresAt <= now) void refresh(name, entry, signal)
    }
  }

  return {
    resolve(device) {
      if (isIP(device.address) !== 0) return device.address
      return names.get(device.address)?.found?.address ?? null
    },
    async run(signal) {
      while (!signal.aborted) {
        refreshExpired(signal)
        await clock.sleepUntil(clock.now() + 1000, signal).catch(() => {})
      }
      // Look-ups under way are left behind: nobody wants their answers any more.
      for (const lane of Object.values(lanes)) lane.clearQueue()
      source.cancel()
    },
  }
}
