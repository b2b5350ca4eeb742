import type { Device, Inventory } from '../inventory.ts'

const children = new WeakMap<Inventory, ReadonlyMap<string, readonly Device[]>>()

/** The enabled devices right behind each device. */
export function childrenOf(inventory: Inventory): ReadonlyMap<string, readonly Device[]> {
  let found = children.get(inventory)
  if (found === undefined) children.set(inventory, (found = findChildren(inventory)))
  return found
}

function findChildren(inventory: Inventory): Map<string, Device[]> {
  const found = new Map<string, Device[]>()
  for (const device of inventory.values()) {
    if (!device.enabled) continue
    for (const parent of new Set(device.parents)) {
      const siblings = found.get(parent)
      if (siblings === undefined) found.set(parent, [device])
      else siblings.push(device)
    }
  }
  return found
}

/** The parents that say something about a device: those that are switched off or left say nothing. */
export function countedParents(inventory: Inventory, device: Device): Device[] {
  const parents: Device[] = []
  for (const id of device.parents) {
    const parent = inventory.get(id)
    if (parent?.enabled === true) parents.push(parent)
  }
  return parents
}

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
