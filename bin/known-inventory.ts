import { resolve } from 'node:path'
import type { LoadedConfig } from '../lib/config/load.ts'
import { readCopy } from '../lib/inventory/edits/copy.ts'
import { readState } from '../lib/inventory/edits/read-state.ts'
import { type InventoryReading, type ReadOptions, readInventory } from '../lib/inventory/read.ts'

/** The devices of the files with what the API says of them, as the services on this machine last knew it. */
export async function readKnownInventory(
  source: LoadedConfig,
  options: ReadOptions,
): Promise<Pick<InventoryReading, 'inventory' | 'problems'>> {
  const reading = await readInventory(source, options)
  const copy = await readCopy(resolve(source.config.data_dir))
  if (copy === null) return reading
  const { version, hashes } = copy
  const { state } = readState(reading, { version, entries: hashes['edit'] ?? {} })
  return { inventory: state.merged.inventory, problems: reading.problems }
}
