import type { Device, InventorySource } from '../lib/inventory.ts'
import { nearestName } from './nearest-name.ts'
import { Problem } from './problem.ts'

/** The device of this id, or a 404 that names the nearest. */
export function knownDevice(inventory: Pick<InventorySource, 'current'>, id: string): Device {
  const device = inventory.current.get(id)
  if (device === undefined) throw noSuchDevice(inventory, id)
  return device
}

export function noSuchDevice(inventory: Pick<InventorySource, 'current'>, id: string): Problem {
  const near = nearestName(id, inventory.current.keys())
  return new Problem(
    404,
    'No such device',
    `no device ${JSON.stringify(id)}${near === null ? '' : `, did you mean ${JSON.stringify(near)}?`}`,
    { nearest: near },
  )
}
