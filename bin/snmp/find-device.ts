import { nearest } from '../../lib/config/nearest.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { StartError } from '../../lib/start-error.ts'

const MOST_LISTED = 20

/** The device that a person means by an id, a name or an address. Throws StartError when it is none, or several. */
export function findDevice(inventory: Inventory, word: string): Device {
  const byId = inventory.get(word)
  if (byId !== undefined) return byId
  const devices = [...inventory.values()]
  const lower = word.toLowerCase()
  const exact = devices.filter(({ name, address }) => name === word || address === word)
  const found =
    exact.length > 0
      ? exact
      : devices.filter(({ id, name }) => [id, name].some((each) => each.toLowerCase() === lower))
  const [device, ...others] = found
  if (device === undefined) throw unknown(devices, word)
  if (others.length > 0) throw ambiguous(found, word)
  return device
}

function unknown(devices: readonly Device[], word: string): StartError {
  const near = nearest(
    word,
    devices.flatMap(({ id, name, address }) => [id, name, address].filter(Boolean)),
  )
  const hint = near === null ? '' : `, did you mean ${JSON.stringify(near)}?`
  return new StartError(
    `no device of the inventory has the id, name or address ${JSON.stringify(word)}${hint}`,
  )
}

function ambiguous(found: readonly Device[], word: string): StartError {
  const lines = found
    .slice(0, MOST_LISTED)
    .map(({ id, name, address, branch }) =>
      `  ${id}  ${[name, address, branch].filter(Boolean).join(', ')}`.trimEnd(),
    )
  const rest = found.length - lines.length
  if (rest > 0) lines.push(`  and ${rest} more`)
  return new StartError(
    `${found.length} devices are called ${JSON.stringify(word)}; say which by its id:\n${lines.join('\n')}`,
  )
}
