import type { Inventory } from '../../lib/inventory.ts'
import { childrenOf, countedParents } from '../../lib/inventory/relatives.ts'

/** All devices before and behind one, at any distance. */
export type Kinship = {
  readonly ancestors: readonly string[]
  readonly descendants: readonly string[]
}

export function kinshipOf(inventory: Inventory): (id: string) => Kinship {
  const known = new Map<string, Kinship>()
  const children = childrenOf(inventory)
  const parentsOf = (id: string): string[] => {
    const device = inventory.get(id)
    return device === undefined ? [] : countedParents(inventory, device).map((parent) => parent.id)
  }
  return (id) => {
    let kinship = known.get(id)
    if (kinship === undefined) {
      kinship = {
        ancestors: reach(id, parentsOf),
        descendants: reach(id, (one) => (children.get(one) ?? []).map((child) => child.id)),
      }
      known.set(id, kinship)
    }
    return kinship
  }
}

function reach(id: string, next: (id: string) => readonly string[]): string[] {
  const found = new Set([id])
  for (const one of found) for (const other of next(one)) found.add(other)
  found.delete(id)
  return [...found]
}
