import type { Inventory } from '../../lib/inventory.ts'
import type { View } from '../view/build.ts'
import { type Principal, sees } from './principal.ts'

// One scoped view for all who share a scope: what answers cache by the view stays shared, and apart from other scopes.
const views = new WeakMap<View, Map<string, View>>()
const inventories = new WeakMap<Inventory, Map<string, Inventory>>()

/** The view as this principal may see it: rows, and alerts of devices, outside its scope are not there. */
export function viewFor(view: View, principal: Principal): View {
  if (principal.scope === null) return view
  return remembered(views, view, principal, () => {
    const rows = view.rows.filter(({ device }) => sees(principal, device))
    const byId = new Map(rows.map((row) => [row.device.id, row]))
    const alerts = view.alerts.filter(({ device }) => device !== null && byId.has(device))
    return { ...view, rows, byId, alerts }
  })
}

/** The same for the inventory. */
export function inventoryFor(inventory: Inventory, principal: Principal): Inventory {
  if (principal.scope === null) return inventory
  return remembered(
    inventories,
    inventory,
    principal,
    () => new Map([...inventory].filter(([, device]) => sees(principal, device))),
  )
}

function remembered<T extends object>(
  cache: WeakMap<T, Map<string, T>>,
  whole: T,
  { scope }: Principal,
  make: () => T,
): T {
  const key = JSON.stringify(scope)
  let known = cache.get(whole)
  if (known === undefined) cache.set(whole, (known = new Map()))
  let part = known.get(key)
  if (part === undefined) known.set(key, (part = make()))
  return part
}
