import type { Inventory } from '../../lib/inventory.ts'
import { type Evidence, STALE_INTERVALS, type Status } from '../../lib/status.ts'
import type { Change } from './flapping.ts'
import { type BlindVantage, CLEAR_SIGHT } from './vantages.ts'

/** What is known of all devices at one evaluation. */
export type Fleet = {
  readonly inventory: Inventory
  readonly statuses: ReadonlyMap<string, Status>
  evidence(id: string): Evidence | undefined
  /** Devices with failed probes that aren't confirmed yet. */
  isSuspect(id: string): boolean
  /** Stamp of the probe that confirmed a device's outage; null while it isn't down. */
  confirmedAt(id: string): number | null
  /** A device's last changes between up and down, in the order of time. */
  changes(id: string): readonly Change[]
  /** The device that isn't there: its flips go the way of all samples, and it is in nothing else of this. */
  readonly canary: Evidence
  /** Stamp of the newest ping sample of all; null before the first. */
  readonly newestAt: number | null
  /** Since when this process looks at an enabled device: before that nobody can say that samples are missing. */
  watchedSince(id: string): number
  /** The collectors that have lost their network. */
  readonly blind: readonly BlindVantage[]
  /** Since when the collectors of a device see: Infinity while one is blind, -Infinity where none was in the last day. */
  seesSince(id: string): number
}

/** A fleet of which nothing is known. */
export const silentFleet = (inventory: Inventory): Fleet => ({
  inventory,
  statuses: new Map(),
  evidence: () => undefined,
  isSuspect: () => false,
  confirmedAt: () => null,
  changes: () => [],
  canary: { state: null, lastSampleAt: null },
  newestAt: null,
  watchedSince: () => 0,
  ...CLEAR_SIGHT,
})

/** How old the newest sample of any device may be before its status is unknown. */
export function staleAfterMs(inventory: Inventory): number {
  let longestMs = 0
  for (const { ping } of inventory.values()) longestMs = Math.max(longestMs, ping.intervalMs)
  return STALE_INTERVALS * longestMs
}
