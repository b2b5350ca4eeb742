import type { Problem } from './config/problem.ts'
import type { DeviceEdits } from './inventory/edits/device-edits.ts'
import type { Labels } from './labels.ts'

export type PingSettings = {
  readonly intervalMs: number
  /** Echoes in one probe. */
  readonly count: number
  readonly timeoutMs: number
  /** Failed probes in a row, the first included, before a device counts as down. */
  readonly confirm: number
}

export type SnmpSettings = {
  readonly modules: readonly string[]
  /** Names in `credentials:` of the configuration, tried in order. */
  readonly credentials: readonly string[]
  readonly port: number
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** One thing that the user monitors, with defaults and profile filled in. Texts that aren't known are ''. */
export type Device = {
  readonly id: string
  readonly name: string
  /** An IP address or a name to resolve. */
  readonly address: string
  readonly branch: string
  readonly region: string
  readonly type: string
  readonly role: string
  readonly vendor: string
  readonly model: string
  readonly parents: readonly string[]
  readonly enabled: boolean
  readonly tags: readonly string[]
  readonly ping: PingSettings
  readonly snmp: SnmpSettings | null
  /** Who says that there is such a device: the API, or it and a file. Left out: a file alone. */
  readonly origin?: 'api' | 'both'
}

/** All devices, by id, in the order of their files. */
export type Inventory = ReadonlyMap<string, Device>

/** How the last look at changed files ended. Not `ok`: the inventory before it is still in force. */
export type ReloadState = {
  readonly at: number
  readonly ok: boolean
  readonly problems: readonly Problem[]
}

/** Where a service finds the current inventory; it changes when files do. */
export type InventorySource = {
  readonly current: Inventory
  /** Left out by sources that never change. */
  readonly reload?: ReloadState
  /** How devices are changed; left out by sources that only follow files. */
  readonly edits?: DeviceEdits
  /** Calls back after each change; returns the way to stop it. A device that didn't change stays the same object. */
  onChange(listener: (inventory: Inventory) => void): () => void
}

const identities = new WeakMap<Device, Labels>()

/** The identity labels on every series of a device: one object for one device, so that encoders can cache by it. */
export function identityLabels(device: Device): Labels {
  let labels = identities.get(device)
  if (labels === undefined) {
    labels = { device: device.id, branch: device.branch, region: device.region }
    identities.set(device, labels)
  }
  return labels
}
