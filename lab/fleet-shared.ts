import type { FleetDevice } from './fleet.ts'
import type { Random } from './random.ts'

/** `count` names that two devices of the same type in different branches have. */
export function shareNames(
  devices: readonly FleetDevice[],
  count: number,
  random: Random,
): FleetDevice[] {
  const pairs = pairUp(devices, count, random, (a, b) => a.type === b.type && a.branch !== b.branch)
  return devices.map((device) => {
    const first = pairs.get(device)
    return first === undefined ? device : { ...device, name: first.name }
  })
}

/** `count` addresses that two devices of one branch have, none of them a router, a switch or polled by SNMP. */
export function shareAddresses(
  devices: readonly FleetDevice[],
  count: number,
  random: Random,
): FleetDevice[] {
  const leaves = devices.filter(
    (device) =>
      device.snmp === undefined && !['router', 'switch', 'isp-link'].includes(device.type),
  )
  const pairs = pairUp(leaves, count, random, (a, b) => a.branch === b.branch)
  return devices.map((device) => {
    const first = pairs.get(device)
    return first === undefined ? device : { ...device, address: first.address }
  })
}

/** Up to `count` disjoint pairs that fit, as second → first. */
function pairUp(
  devices: readonly FleetDevice[],
  count: number,
  random: Random,
  fit: (a: FleetDevice, b: FleetDevice) => boolean,
): Map<FleetDevice, FleetDevice> {
  const free = new Set(random.shuffle(devices))
  const pairs = new Map<FleetDevice, FleetDevice>()
  for (const first of free) {
    if (pairs.size === count) break
    free.delete(first)
    const second = find(free, (other) => fit(first, other))
    if (second === undefined) continue
    free.delete(second)
    pairs.set(second, first)
  }
  return pairs
}

function find<T>(items: Iterable<T>, fits: (item: T) => boolean): T | undefined {
  for (const item of items) if (fits(item)) return item
  return undefined
}
