import { createHash } from 'node:crypto'
import { ConfigError, type Problem, readConfig } from '../config/load.ts'
import type { Config, DeviceInput } from '../config/schema.ts'
import type { InventorySettings } from './entry.ts'
import type { Notice } from './notices.ts'
import { type ReadOptions, readInventory } from './read.ts'
import type { Device, Inventory } from '../inventory.ts'
import { Secret } from '../secret.ts'

/** All that a look at the files gave; plain data, so that it can be made in another thread. */
export type Snapshot = {
  readonly devices: readonly Device[]
  /** What the files say of them, in the same order, and by what it was filled in; null with problems in the configuration. */
  readonly inputs: readonly DeviceInput[]
  readonly settings: InventorySettings | null
  readonly problems: readonly Problem[]
  readonly notices: readonly Notice[]
  /** What `inventory.files` says and what it came to; null when the configuration can't be read. */
  readonly found: { readonly patterns: readonly string[]; readonly files: readonly string[] } | null
  /** The parts of the configuration that need a restart, as digests. */
  readonly sections: Readonly<Record<string, string>>
}

/** Reads the configuration and its inventory; what is wrong in the files is in the answer. */
export async function takeSnapshot(configPath: string, options: ReadOptions): Promise<Snapshot> {
  try {
    const loaded = await readConfig(configPath)
    const { inventory, inputs, settings, problems, notices, files } = await readInventory(
      loaded,
      options,
    )
    return {
      devices: [...inventory.values()],
      inputs: [...inputs.values()],
      settings,
      problems,
      notices,
      found: { patterns: loaded.config.inventory.files, files },
      sections: digestSections(loaded.config),
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const nothing = { devices: [], inputs: [], settings: null, notices: [], found: null }
    return { ...nothing, problems: error.problems, sections: {} }
  }
}

const RELOADED: ReadonlySet<string> = new Set(['inventory', 'defaults', 'profiles'])

/** One digest for each part of the configuration that a reload doesn't cover. A secret enters by its hash alone. */
export function digestSections(config: Config): Record<string, string> {
  const digest = (value: unknown): string =>
    createHash('sha256')
      .update(
        JSON.stringify(value, function (this: Record<string, unknown>, key: string, item: unknown) {
          const own = this[key]
          return own instanceof Secret ? own.reveal() : item
        }),
      )
      .digest('hex')
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => !RELOADED.has(key))
      .map(([key, value]) => [key, digest(value)]),
  )
}

export type Difference = {
  readonly inventory: Inventory
  readonly added: number
  readonly removed: number
  readonly changed: number
  /** False: nothing differs, not even the order. */
  readonly differs: boolean
}

/** The new inventory with the old object for each device that is the same: caches hang on the object. */
export function adopt(old: Inventory, devices: readonly Device[]): Difference {
  const inventory = new Map<string, Device>()
  let added = 0
  let changed = 0
  for (const device of devices) {
    const before = old.get(device.id)
    const same = before !== undefined && (before === device || isSame(before, device))
    inventory.set(device.id, same ? before : device)
    if (before === undefined) added++
    else if (!same) changed++
  }
  const removed = old.size + added - inventory.size
  const order = [...old.keys()]
  const moved = devices.some(({ id }, index) => id !== order[index])
  return { inventory, added, removed, changed, differs: added + removed + changed > 0 || moved }
}

/** Both come from resolveDevice, so their keys stand in the same order. */
const isSame = (a: Device, b: Device): boolean => JSON.stringify(a) === JSON.stringify(b)
