import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import type { Decided } from '../../lib/decisions/decided.ts'
import { type MaintenanceWindow, windowAt } from '../../lib/decisions/window.ts'
import { type Device, type Inventory, identityLabels } from '../../lib/inventory.ts'
import { type Labels, labelsKey } from '../../lib/labels.ts'
import { compileMatchers } from '../../lib/matchers.ts'
import type { Alert } from './alerts.ts'

/** The window that a device is in; `until` is Unix milliseconds. */
export type InMaintenance = { readonly id: string; readonly name: string; readonly until: number }

/**
 * The labels of an outage of the device. Who is asked whether a silence or a window covers a device asks whether it would
 * hold this back: one that is about another alert alone doesn't.
 */
export const outageLabels = (device: Device): Labels => ({
  ...identityLabels(device),
  alertname: 'DeviceDown',
  severity: 'critical',
})

type Open = { readonly window: MaintenanceWindow; readonly until: number }
type Covered = {
  readonly inventory: Inventory
  readonly signature: string
  readonly devices: ReadonlyMap<string, InMaintenance>
}

// Views follow each other every second, and what is in force seldom changes between two of them.
const last = new WeakMap<Decided, Covered>()

/** The devices in maintenance, each with the window that lasts longest. */
export function inMaintenance(
  decided: Decided,
  inventory: Inventory,
  at: number,
): ReadonlyMap<string, InMaintenance> {
  const open = decided.windows.flatMap((window): Open[] => {
    const span = windowAt(window, at)
    return span === null ? [] : [{ window, until: span.until }]
  })
  const signature = JSON.stringify(open.map(({ window, until }) => [window.id, until]))
  const known = last.get(decided)
  if (known?.inventory === inventory && known.signature === signature) return known.devices
  const devices = coveredBy(open, inventory)
  last.set(decided, { inventory, signature, devices })
  return devices
}

function coveredBy(open: readonly Open[], inventory: Inventory): Map<string, InMaintenance> {
  const devices = new Map<string, InMaintenance>()
  const longestLast = open.toSorted((one, other) => one.until - other.until)
  for (const { window, until } of longestLast) {
    const covers = compileMatchers(window.matchers)
    const entry = { id: window.id, name: window.name, until }
    for (const device of inventory.values()) {
      if (covers(outageLabels(device))) devices.set(device.id, entry)
    }
  }
  return devices
}

/** The acknowledgement of an alert that is active, of this occurrence or sticky. */
export function acknowledgementOf(
  alerts: readonly Alert[],
  { acknowledgements }: Pick<Decided, 'acknowledgements'>,
  at: number,
): Acknowledgement | null {
  if (alerts.length === 0 || acknowledgements.length === 0) return null
  const activeAt = new Map(alerts.map((alert) => [labelsKey(alert.labels), alert.activeAt ?? 0]))
  const found = acknowledgements.find((one) => {
    const begunAt = activeAt.get(labelsKey(one.labels))
    if (begunAt === undefined || one.at > at) return false
    if (one.expiresAt !== null && one.expiresAt <= at) return false
    // To the second: an alert's start is kept so. One that waited for its `for` fires later than it began.
    return one.sticky || Math.floor(one.startsAt / 1000) >= Math.floor(begunAt / 1000)
  })
  return found ?? null
}
