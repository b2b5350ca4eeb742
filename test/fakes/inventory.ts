import type { Device, Inventory, InventorySource } from '../../lib/inventory.ts'

/** A device as the inventory hands it over; what a test doesn't care about is filled in. */
export function device(id: string, given: Partial<Device> = {}): Device {
  return {
    id,
    name: `${id}.example.net`,
    address: '198.18.0.1',
    branch: 'Vake',
    region: 'Tbilisi',
    type: 'router',
    role: '',
    vendor: '',
    model: '',
    parents: [],
    enabled: true,
    tags: [],
    ping: { intervalMs: 10_000, count: 2, timeoutMs: 1_000, confirm: 3 },
    snmp: null,
    ...given,
  }
}

/** An inventory that a test changes. */
export type MutableInventory = InventorySource & {
  replace(...devices: readonly Device[]): void
  /** How many still listen. */
  readonly listeners: number
}

export function inventoryOf(...devices: readonly Device[]): MutableInventory {
  let current = toMap(devices)
  const listeners = new Set<(inventory: Inventory) => void>()
  return {
    get current() {
      return current
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    get listeners() {
      return listeners.size
    },
    replace(...next) {
      current = toMap(next)
      for (const listener of listeners) listener(current)
    },
  }
}

const toMap = (devices: readonly Device[]): Inventory =>
  new Map(devices.map((each) => [each.id, each]))
