import type { Inventory, InventorySource } from '../../lib/inventory.ts'
import type { Membership } from '../../lib/membership/membership.ts'

type Parts = {
  readonly site: string
  readonly share: Pick<InventorySource, 'current'>
  readonly fleet: Pick<InventorySource, 'current'>
  readonly membership: Pick<Membership, 'names' | 'cutOff'>
}

/** What a collector's /health says of its share. */
export function shareFacts({ site, share, fleet, membership: { names, cutOff } }: Parts): object {
  return {
    site,
    share: { devices: countEnabled(share.current), of: countEnabled(fleet.current) },
    collectors: names,
    redis: cutOff === null ? 'ok' : `away: the devices stay as they were divided (${cutOff})`,
  }
}

export function countEnabled(inventory: Inventory): number {
  let count = 0
  for (const { enabled } of inventory.values()) if (enabled) count++
  return count
}
