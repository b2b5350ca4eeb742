import type { Device, Inventory } from '../../lib/inventory.ts'

/** The devices that are this collector's own; of one that is alone, the inventory itself. */
export function shareOf(inventory: Inventory, names: readonly string[], self: string): Inventory {
  if (names.length === 1 && names[0] === self) return inventory
  const share = new Map<string, Device>()
  if (!names.includes(self)) return share
  const owner = ownerAmong(names)
  for (const [id, device] of inventory) if (owner(id) === self) share.set(id, device)
  return share
}

/**
 * Tells which collector probes a device: the one whose score for it is highest (rendezvous hashing). Nobody is asked and
 * nothing is kept: whoever knows the same names says the same, and when one comes or goes, only what is its own moves. All
 * versions of wardline must count alike, or collectors of one site disagree while they are upgraded.
 */
export function ownerAmong(names: readonly string[]): (id: string) => string | null {
  const seeds = Uint32Array.from(names, hash)
  return (id) => {
    const key = hash(id)
    let best = -1
    let highest = -1
    for (let index = 0; index < seeds.length; index++) {
      const score = mix(key ^ (seeds[index] ?? 0))
      // Names that hash alike score alike: the first in the alphabet has it, wherever it stands in the list.
      const isFirst = score === highest && (names[index] ?? '') < (names[best] ?? '')
      if (score > highest || isFirst) {
        highest = score
        best = index
      }
    }
    return names[best] ?? null
  }
}

/** FNV-1a of 32 bit over UTF-16 units: names are many, and this is asked for each of them. */
function hash(text: string): number {
  let value = 0x811c_9dc5
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 0x0100_0193)
  return mix(value)
}

/** MurmurHash3's finalizer: each bit of the input moves about half of those that come out. */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
