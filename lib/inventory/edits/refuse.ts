import { didYouMean } from '../../config/nearest.ts'
import type { Device, Inventory } from '../../inventory.ts'
import type { By } from './decide.ts'
import type { Refusal } from './edit-error.ts'
import type { Misfit } from './fit.ts'
import type { Operation } from './operation.ts'
import { type State, deviceMeant } from './state.ts'
import { toldTo } from './told.ts'

/** So many devices that something else depends on are named in a message. */
const MOST_NAMED = 5

/** Whatever would not fit then, and did before or was asked for just now. */
export function refuseMisfits({
  before,
  after,
  operations,
  indexOf,
  by,
}: {
  before: State
  after: State
  operations: readonly Operation[]
  indexOf: ReadonlyMap<string, number>
  by: By
}): Refusal[] {
  const known = new Set(before.merged.misfits.map(keyOf))
  const found = new Map<string, Refusal>()
  const behind = new Map<number, string[]>()
  for (const misfit of after.merged.misfits) {
    if (misfit.effect !== 'left-out' && misfit.effect !== 'set-aside') continue
    const own = indexOf.get(misfit.device)
    const operation = own === undefined ? undefined : operations[own]
    if (operation?.op === 'restore') continue // what can't hold any more stays out, and is told
    if (known.has(keyOf(misfit)) && !speaksOf(operation, misfit.field)) continue
    const cause = misfit.about.map((id) => indexOf.get(id)).find((index) => index !== undefined)
    const index = own ?? cause
    const asked = index === undefined ? undefined : operations[index]
    if (index === undefined || asked === undefined) continue
    if (own === undefined && asked.op === 'delete') {
      behind.set(index, [...(behind.get(index) ?? []), misfit.device])
      continue
    }
    const isSeen = seenBy(by, after, asked)
    const told = toldTo(isSeen, misfit)
    const unseen = told === misfit ? null : refuseUnseenParent(before, after, asked, by)
    const { field } = misfit
    const message = told.message + (own === undefined ? '' : hintFor(misfit, after, by))
    const refusal = { index, device: asked.id, ...(unseen ?? { field, message }) }
    const key = `${index} ${refusal.message}`
    if (own !== undefined) found.set(key, { reason: 'invalid', ...refusal })
    else if (!found.has(key)) {
      const isTold = told === misfit && isSeen(misfit.device)
      found.set(key, { reason: 'conflict', ...refusal, ...(isTold && { other: misfit.device }) })
    }
  }
  for (const [index, ids] of behind) {
    const device = operations[index]?.id ?? null
    const [other, text] = nameSome(ids, after, by)
    const message = `${text} behind it: give them other parents first, or delete them, too`
    const refusal = { index, device, reason: 'conflict' as const, field: null, message }
    found.set(`${index} behind`, other === undefined ? refusal : { ...refusal, other })
  }
  return [...found.values()]
}

const keyOf = ({ device, field, message }: Misfit): string => `${device}\n${field}\n${message}`

function speaksOf(operation: Operation | undefined, field: string | null): boolean {
  if (operation?.op === 'create') return true
  if (operation?.op !== 'change') return false
  const key = field?.split('.')[0]
  return key === undefined || key in operation.patch.set
}

/** The devices that may be named: those of their part of the fleet, and ids of none that they named themselves. */
function seenBy({ allows }: By, state: State, operation: Operation): (id: string) => boolean {
  return (id) => {
    if (allows === null) return true
    const device = deviceMeant(state, id)
    if (device !== null && allows(device)) return true
    return !state.merged.inventory.has(id) && parentsSaid(operation).includes(id)
  }
}

/** Ids that somebody may not see are no hints. */
function hintFor({ field, about: [id] }: Misfit, { merged }: State, { allows }: By): string {
  const isParent = field === 'parents' && id !== undefined && !merged.inventory.has(id)
  return isParent && allows === null ? didYouMean(id, merged.inventory.keys()) : ''
}

function nameSome(
  ids: readonly string[],
  { merged }: State,
  { allows }: By,
): [first: string | undefined, text: string] {
  const seen = ids.filter((id) => {
    const device = merged.inventory.get(id)
    return allows === null || (device !== undefined && allows(device))
  })
  const named = seen.slice(0, MOST_NAMED)
  const rest = ids.length - named.length
  const text = [...named, ...(rest > 0 ? [`${rest} ${named.length > 0 ? 'more' : 'devices'}`] : [])]
  return [seen[0], `${text.join(', ')} ${ids.length > 1 ? 'are' : 'is'}`]
}

/** A device that is changed stays where its changer may see it, and behind what they may see. */
export function refuseScope(
  before: State,
  after: State,
  operation: Operation,
  { allows }: By,
): Omit<Refusal, 'index' | 'device'> | null {
  const { id, op } = operation
  const device = after.merged.inventory.get(id)
  if (allows === null || device === undefined || op === 'delete') return null
  if (!allows(device)) {
    const where = [device.branch, device.region].filter(Boolean).join(', ') || 'no branch'
    const message = `a device of ${where} is outside of the part of the fleet that you may change`
    return { reason: 'forbidden', field: 'branch', message }
  }
  return (
    refuseOthersPlace(before, device, allows) ??
    refuseOthersCredentials(before, operation, allows) ??
    refuseUnseenParent(before, after, operation, { allows })
  )
}

type Allows = NonNullable<By['allows']>

/** A region lets in any branch of its own and new ones; a branch that only others have devices in is theirs, and so with regions. */
function refuseOthersPlace(
  { merged: { inventory } }: State,
  device: Device,
  allows: Allows,
): Pick<Refusal, 'reason' | 'field' | 'message'> | null {
  const was = inventory.get(device.id)
  for (const field of ['branch', 'region'] as const) {
    const place = device[field]
    if (place === '' || place === was?.[field]) continue
    const known = reachOf(inventory, allows)
    if (known[field].has(place) || !known.others[field].has(place)) continue
    const message = `${place} is outside of the part of the fleet that you may change`
    return { reason: 'forbidden', field, message }
  }
  return null
}

/** Whoever may name any credentials sends any community to an address of their choice: those of their own devices will do. */
function refuseOthersCredentials(
  { merged: { inventory } }: State,
  operation: Operation,
  allows: Allows,
): Pick<Refusal, 'reason' | 'field' | 'message'> | null {
  const said = credentialsSaid(operation)
  if (said.length === 0) return null
  const own = reachOf(inventory, allows).credentials
  const other = said.find((name) => !own.has(name))
  if (other === undefined) return null
  const message = `no device of the part of the fleet that you may change is polled with the credentials ${JSON.stringify(other)}: ask whoever has the whole fleet to use them there first`
  return { reason: 'forbidden', field: 'snmp.credentials', message }
}

type Places = { readonly branch: Set<string>; readonly region: Set<string> }
type Reach = Places & { readonly credentials: Set<string>; readonly others: Places }

// Thousands of operations at a time ask the same.
const reaches = new WeakMap<Inventory, WeakMap<Allows, Reach>>()

/** What devices in sight have, and what all others have. */
function reachOf(inventory: Inventory, allows: Allows): Reach {
  let known = reaches.get(inventory)
  if (known === undefined) reaches.set(inventory, (known = new WeakMap()))
  const made = known.get(allows)
  if (made !== undefined) return made
  const others = { branch: new Set<string>(), region: new Set<string>() }
  const own = { branch: new Set<string>(), region: new Set<string>() }
  const reach: Reach = { ...own, credentials: new Set(), others }
  for (const device of inventory.values()) {
    const isOwn = allows(device)
    const places = isOwn ? own : others
    places.branch.add(device.branch)
    places.region.add(device.region)
    if (isOwn) for (const name of device.snmp?.credentials ?? []) reach.credentials.add(name)
  }
  known.set(allows, reach)
  return reach
}

function credentialsSaid(operation: Operation): readonly string[] {
  if (operation.op !== 'create' && operation.op !== 'change') return []
  const { snmp } = operation.op === 'create' ? operation.fields : operation.patch.set
  return typeof snmp === 'object' ? (snmp.credentials ?? []) : []
}

/** A device that they don't see is as good as none. */
function refuseUnseenParent(
  before: State,
  after: State,
  operation: Operation,
  { allows }: Pick<By, 'allows'>,
): Pick<Refusal, 'reason' | 'field' | 'message'> | null {
  if (allows === null) return null
  const known = before.merged.inventory.get(operation.id)?.parents ?? []
  const unseen = parentsSaid(operation).find((parent) => {
    const found = after.merged.inventory.get(parent)
    return !known.includes(parent) && found !== undefined && !allows(found)
  })
  if (unseen === undefined) return null
  const message = `no device has the id ${JSON.stringify(unseen)}`
  return { reason: 'invalid', field: 'parents', message }
}

function parentsSaid(operation: Operation): readonly string[] {
  if (operation.op === 'create') return operation.fields.parents ?? []
  return operation.op === 'change' ? (operation.patch.set.parents ?? []) : []
}
