import type { Device, Inventory } from '../../lib/inventory.ts'

/** The ids of all that a device is reached through, near ones first, each once. Those that aren't known are left out. */
export function ancestorsOf(device: Device, inventory: Inventory): ReadonlySet<string> {
  const above = new Set<string>()
  const reached = [device]
  for (const { parents } of reached) {
    for (const id of parents) {
      const parent = inventory.get(id)
      if (parent === undefined || above.has(id)) continue
      above.add(id)
      reached.push(parent)
    }
  }
  return above
}
