import type { Device, Inventory } from '../../inventory.ts'
import type { FileDevices } from '../entry.ts'
import { findCycle } from '../parents.ts'
import type { Edits } from './edit.ts'
import type { Fit, Misfit } from './fit.ts'

export type Merged = {
  /** Devices of files in their order, then those that only the API has, by id. Without edits: the files' own object. */
  readonly inventory: Inventory
  readonly misfits: readonly Misfit[]
}

/**
 * Pure: what files and edits say together. It depends on nothing else, not on the order of the edits, so that every
 * process comes to the same. Never fails: what can't hold is left out and told, and each device stays monitored.
 */
export function mergeEdits(files: FileDevices, edits: Edits, fit: Fit): Merged {
  if (edits.size === 0) return { inventory: files.inventory, misfits: [] }
  const inventory = new Map<string, Device>()
  const misfits: Misfit[] = []
  const edited: string[] = []
  const take = (id: string, device: Device | undefined): void => {
    const edit = edits.get(id)
    if (edit === undefined) {
      if (device !== undefined) inventory.set(id, device)
      return
    }
    const fitted = fit(edit, files)
    misfits.push(...fitted.misfits)
    if (fitted.device === null) return
    inventory.set(id, fitted.device)
    edited.push(id)
  }
  for (const [id, device] of files.inventory) take(id, device)
  const added = [...edits.keys()].filter((id) => !files.inventory.has(id)).sort()
  for (const id of added) take(id, undefined)

  leaveOutMissingParents(inventory, misfits)
  breakCircles(inventory, edited.sort(), files.inventory, misfits)
  return { inventory, misfits }
}

function leaveOutMissingParents(inventory: Map<string, Device>, misfits: Misfit[]): void {
  for (const [id, device] of inventory) {
    if (device.parents.every((parent) => inventory.has(parent))) continue
    const missing = device.parents.filter((parent) => !inventory.has(parent))
    for (const parent of missing) misfits.push(missingParent(id, parent))
    const parents = device.parents.filter((parent) => inventory.has(parent))
    inventory.set(id, { ...device, parents })
  }
}

const missingParent = (device: string, parent: string): Misfit => ({
  device,
  field: 'parents',
  message: `no device has the id ${JSON.stringify(parent)}`,
  effect: 'left-out',
  about: [parent],
})

/**
 * Files alone have no circles: each goes through an edit. Where edits gave other parents than the files have, those of
 * the files hold; where that isn't enough, the edited devices of the circle have none.
 */
function breakCircles(
  inventory: Map<string, Device>,
  edited: readonly string[],
  ofFiles: Inventory,
  misfits: Misfit[],
): void {
  const parentsBefore = (id: string): readonly string[] =>
    (ofFiles.get(id)?.parents ?? []).filter((parent) => inventory.has(parent))
  for (;;) {
    const circle = firstCircle(inventory, edited)
    if (circle === null) return
    const devices = circle.flatMap((id) => inventory.get(id) ?? [])
    const own = devices.filter(({ origin }) => origin !== undefined)
    const moved = own.filter(({ id, parents }) => !isSame(parents, parentsBefore(id)))
    const message = `a device can't be behind itself: ${[...circle, circle[0]].join(' → ')}`
    for (const device of moved.length > 0 ? moved : own.length > 0 ? own : devices) {
      const { id } = device
      misfits.push({ device: id, field: 'parents', message, effect: 'left-out', about: circle })
      inventory.set(id, { ...device, parents: moved.length > 0 ? parentsBefore(id) : [] })
    }
  }
}

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each, index) => each === other[index])

function firstCircle(
  inventory: ReadonlyMap<string, Device>,
  edited: readonly string[],
): readonly string[] | null {
  const done = new Set<string>()
  for (const id of edited) {
    const circle = findCycle(id, (each) => inventory.get(each)?.parents ?? [], done)
    if (circle !== null) return circle
  }
  return null
}
