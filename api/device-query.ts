import type { Inventory } from '../lib/inventory.ts'
import { STATUSES } from '../lib/status.ts'
import { atParameter } from './instant.ts'
import { SORTS } from './list-devices.ts'
import { nearestName } from './nearest-name.ts'
import { Problem } from './problem.ts'
import {
  anyOf,
  anyTexts,
  freeText,
  oneOf,
  queryOf,
  unknownValue,
  wholeNumber,
} from './query-parameters.ts'
import { type DeviceJson, deviceSchema } from './schemas.ts'

const FIELDS = Object.keys(deviceSchema.shape) as (keyof DeviceJson)[]
const MOST = 100_000
const MOST_SKIPPED = 10_000_000

/** A page of a list. */
export const pageParameters = () => ({
  limit: wholeNumber({ min: 1, max: MOST }).optional().meta({ description: 'So many at most' }),
  offset: wholeNumber({ min: 0, max: MOST_SKIPPED })
    .default(0)
    .meta({ description: 'So many are left out at its beginning' }),
})

/** Texts that a parameter takes and the inventory has: an empty one is of devices that have none. */
export const inventoryTexts = (what: string) =>
  anyTexts().meta({
    description: `Of ${what}; repeated for several, empty for devices without one`,
    param: { style: 'form', explode: true },
  })

/** What the list of devices can be asked for. */
export const deviceQuery = (now: () => number) =>
  queryOf({
    status: anyOf(STATUSES).meta({ description: 'Of any of these; several with commas' }),
    branch: inventoryTexts('this branch'),
    region: inventoryTexts('this region'),
    type: inventoryTexts('this type'),
    q: freeText().meta({
      description: 'Words that all occur in id, name, address, branch, region, type or tags',
    }),
    sort: oneOf(SORTS)
      .optional()
      .meta({ description: 'By what; `-` in front turns it round. What has no value comes last' }),
    fields: anyOf(FIELDS).meta({ description: 'The members to tell; all unless given' }),
    ...pageParameters(),
    at: atParameter(now),
  })

/**
 * Refuses an id that neither a device of the inventory has nor one of `named`, which are those that are gone but that
 * something is still told of. Both hold what the asker sees: a device outside of that answers as one that there never was.
 */
export function checkDevices(
  inventory: Inventory,
  ids: Texts,
  named: ReadonlySet<string> = new Set(),
): void {
  for (const id of ids ?? []) {
    // '' is of what has no device.
    if (id === '' || inventory.has(id) || named.has(id)) continue
    const near = nearestName(id, inventory.keys())
    const hint = near === null ? '' : `, did you mean ${JSON.stringify(near)}?`
    const detail = `device: no device has the id ${JSON.stringify(id)}${hint}; /api/v1/devices?fields=id lists them`
    throw new Problem(400, 'Bad parameter', detail, { parameter: 'device', nearest: near })
  }
}

type Texts = readonly string[] | undefined

/** The values as a set; null when none were given. Refuses one that no device of the inventory has. */
export function amongDevices(
  inventory: Inventory,
  key: 'branch' | 'region' | 'type',
  values: Texts,
): ReadonlySet<string> | null {
  if (values === undefined) return null
  const valid = new Set<string>()
  for (const device of inventory.values()) valid.add(device[key])
  for (const value of values) {
    if (valid.has(value)) continue
    const names = [...valid]
    throw new Problem(400, 'Bad parameter', `${key}: ${unknownValue(value, names)}`, {
      parameter: key,
      valid: names.slice(0, 1_000),
    })
  }
  return new Set(values)
}
