import type { DeviceInput } from '../config/schema.ts'
import type { DeviceRecord } from './records.ts'
import type { Layers } from './resolve.ts'
import type { Device, Inventory } from '../inventory.ts'

/** A device of a file, checked and filled in. */
export type Entry = {
  readonly file: string
  readonly record: DeviceRecord
  readonly input: DeviceInput
  readonly device: Device
}

export type InventorySettings = Layers & {
  /** The names in `credentials:`. */
  readonly credentials: readonly string[]
  /** Those that the running process knows; a name that came later needs a restart. All of them unless told. */
  readonly runningCredentials?: readonly string[]
  /** The names that `snmp.modules` may use. */
  readonly snmpModules: readonly string[]
  /** Where `defaults` and `profiles` stand, for what is wrong in them. */
  readonly configFile: string
  line?(path: readonly PropertyKey[]): number | undefined
}

/** What the files say, all of it good: what edits are merged with. */
export type FileDevices = {
  readonly inventory: Inventory
  /** Of each of these devices what its file says, before anything is filled in. */
  readonly inputs: ReadonlyMap<string, DeviceInput>
  readonly settings: InventorySettings
}
