import { isDeepStrictEqual } from 'node:util'
import type { Device, Inventory, SnmpSettings } from '../../lib/inventory.ts'
import { type Plan, createPlan } from '../plan.ts'
import { type DeviceMemory, createMemory } from './memory.ts'

/** A device with SNMP and what its polls learned. */
export type Polled = {
  readonly device: Device & { readonly snmp: SnmpSettings }
  readonly memory: DeviceMemory
}

export type Fleet = {
  /** By id. */
  readonly polled: ReadonlyMap<string, Polled>
  readonly plan: Plan<Polled>
  /** Polls a second, on average. */
  readonly rate: number
}

/** The devices to poll. One whose entry in the inventory says the same as before keeps its memory. */
export function planFleet(inventory: Inventory, before: Fleet | null): Fleet {
  const polled = new Map<string, Polled>()
  let rate = 0
  for (const device of inventory.values()) {
    if (!hasSnmp(device) || !device.enabled) continue
    const known = before?.polled.get(device.id)
    const isSame = known !== undefined && isDeepStrictEqual(known.device, device)
    polled.set(device.id, isSame ? known : { device, memory: createMemory() })
    rate += 1000 / device.snmp.intervalMs
  }
  const plan = createPlan(
    [...polled].map(([key, target]) => ({
      key,
      intervalMs: target.device.snmp.intervalMs,
      target,
    })),
  )
  return { polled, plan, rate }
}

function hasSnmp(device: Device): device is Polled['device'] {
  return device.snmp !== null
}

export type SlowDevice = { readonly device: string; readonly seconds: number }

/** The devices whose last poll took longest, the slowest first. */
export function slowestOf({ polled }: Fleet, count: number): SlowDevice[] {
  return [...polled.values()]
    .filter(({ memory }) => memory.seconds !== null)
    .map(({ device, memory }) => ({ device: device.id, seconds: memory.seconds ?? 0 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, count)
}
