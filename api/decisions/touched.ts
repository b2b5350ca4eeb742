import { type Device, type Inventory, identityLabels } from '../../lib/inventory.ts'
import type { Matcher } from '../../lib/matchers.ts'
import { alternativesOf } from './alternatives.ts'
import { compiledMatchers } from './compiled.ts'

const IDENTITY: ReadonlySet<string> = new Set(['device', 'branch', 'region'])

// Asked for each silence of a list; matchers and inventory stay the same objects until they change.
const known = new WeakMap<readonly Matcher[], WeakMap<Inventory, readonly Device[]>>()

/** The devices that matchers may be about: those that nothing they say of device, branch and region rules out. */
export function touched(matchers: readonly Matcher[], inventory: Inventory): readonly Device[] {
  let ofMatchers = known.get(matchers)
  if (ofMatchers === undefined) known.set(matchers, (ofMatchers = new WeakMap()))
  let devices = ofMatchers.get(inventory)
  if (devices === undefined) ofMatchers.set(inventory, (devices = find(matchers, inventory)))
  return devices
}

function find(matchers: readonly Matcher[], inventory: Inventory): Device[] {
  const own = matchers.filter(({ name }) => IDENTITY.has(name))
  const ofDevices = own.find(({ name }) => name === 'device')
  const ids = ofDevices === undefined ? null : alternativesOf(ofDevices)
  const candidates =
    ids === null
      ? [...inventory.values()]
      : [...new Set(ids)].flatMap((id) => inventory.get(id) ?? [])
  const matches = compiledMatchers(own)
  return candidates.filter((device) => matches(identityLabels(device)))
}
