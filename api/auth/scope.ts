import type { Device, Inventory } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Alert } from '../view/alerts.ts'
import type { DeviceRow, View } from '../view/build.ts'
import { type Principal, sees } from './principal.ts'

// One scoped view for all who share a scope: what answers cache by the view stays shared, and apart from other scopes.
const views = new WeakMap<View, Map<string, View>>()
const inventories = new WeakMap<Inventory, Map<string, Inventory>>()

/**
 * The view as this principal may see it: rows, and alerts of devices, outside its scope are not there, nor are they named
 * where they are above or behind one that is.
 */
export function viewFor(view: View, principal: Principal): View {
  if (principal.scope === null) return view
  return remembered(views, view, principal, () => {
    const own = view.rows.filter(({ device }) => sees(principal, device))
    const ids = new Set(own.map(({ device }) => device.id))
    const isSeen = (id: string): boolean => ids.has(id)
    const rows = own.map((row) => rowFor(row, isSeen))
    const byId = new Map(rows.map((row) => [row.device.id, row]))
    const alerts = view.alerts
      .filter(({ labels }) => seesLabels(principal, labels, isSeen))
      .map((alert) => alertFor(alert, isSeen))
    const blind = view.blind.map((each) => ({ ...each, devices: each.devices.filter(isSeen) }))
    return { ...view, rows, byId, alerts, blind, isPart: true }
  })
}

/** The same for the inventory. */
export function inventoryFor(inventory: Inventory, principal: Principal): Inventory {
  if (principal.scope === null) return inventory
  return remembered(inventories, inventory, principal, () => {
    const own = [...inventory].filter(([, device]) => sees(principal, device))
    const ids = new Set(own.map(([id]) => id))
    return new Map(own.map(([id, device]) => [id, deviceFor(device, (parent) => ids.has(parent))]))
  })
}

type IsSeen = (id: string) => boolean

/**
 * Whether an alert with these labels is this principal's business: that of a device with the device, wherever it is now; that
 * of a branch or a region, as of uplinks on several devices, with that. One of neither is about wardline itself.
 */
export function seesLabels(principal: Principal, labels: Labels, isSeen: IsSeen): boolean {
  if (principal.scope === null) return true
  const { device, branch = '', region = '' } = labels
  if (device !== undefined) return isSeen(device)
  return (branch !== '' || region !== '') && sees(principal, { branch, region })
}

/** The row itself where it names nobody else. */
function rowFor(row: DeviceRow, isSeen: IsSeen): DeviceRow {
  const device = deviceFor(row.device, isSeen)
  const causes = row.causes.filter(isSeen)
  const alerts = row.alerts.map((alert) => alertFor(alert, isSeen))
  const isSame =
    device === row.device &&
    causes.length === row.causes.length &&
    alerts.every((alert, index) => alert === row.alerts[index])
  return isSame ? row : { ...row, device, causes, alerts }
}

/** An alert that is held back for the outage of another device: which one is that device's business. */
function alertFor(alert: Alert, isSeen: IsSeen): Alert {
  const isOther = ({ by, cause }: Alert['held'][number]): boolean =>
    by === 'parent' && !isSeen(cause)
  if (!alert.held.some(isOther)) return alert
  return {
    ...alert,
    held: alert.held.map((held) => (isOther(held) ? { ...held, cause: '' } : held)),
  }
}

// The same object in each view and inventory: another one is a change that would be told.
const devices = new WeakMap<Device, Map<string, Device>>()

function deviceFor(device: Device, isSeen: IsSeen): Device {
  const parents = device.parents.filter(isSeen)
  if (parents.length === device.parents.length) return device
  return madeOnce(devices, device, JSON.stringify(parents), () => ({ ...device, parents }))
}

function remembered<T extends object>(
  cache: WeakMap<T, Map<string, T>>,
  whole: T,
  { scope }: Principal,
  make: () => T,
): T {
  return madeOnce(cache, whole, JSON.stringify(scope), make)
}

function madeOnce<T extends object>(
  cache: WeakMap<T, Map<string, T>>,
  whole: T,
  key: string,
  make: () => T,
): T {
  let known = cache.get(whole)
  if (known === undefined) cache.set(whole, (known = new Map()))
  let part = known.get(key)
  if (part === undefined) known.set(key, (part = make()))
  return part
}
