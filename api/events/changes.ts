import type { DeviceRow, View } from '../view/build.ts'

export type Changes = {
  readonly rows: readonly DeviceRow[]
  readonly removed: readonly string[]
}

/**
 * What a person would notice between two views: status, cause, alerts, what people decided, SNMP, uplinks, the
 * inventory; not each sample.
 */
export function changesBetween(before: View, after: View): Changes {
  const rows = after.rows.filter((row) => {
    const known = before.byId.get(row.device.id)
    return known === undefined || (known !== row && isChanged(known, row))
  })
  const removed: string[] = []
  for (const id of before.byId.keys()) if (!after.byId.has(id)) removed.push(id)
  return { rows, removed }
}

function isChanged(a: DeviceRow, b: DeviceRow): boolean {
  return (
    a.status !== b.status ||
    a.since !== b.since ||
    a.device !== b.device ||
    a.snmp?.up !== b.snmp?.up ||
    a.causes.join() !== b.causes.join() ||
    a.acknowledgement !== b.acknowledgement ||
    maintenanceMark(a) !== maintenanceMark(b) ||
    uplinksMark(a) !== uplinksMark(b) ||
    alertsMark(a) !== alertsMark(b)
  )
}

const maintenanceMark = ({ maintenance: of }: DeviceRow): string =>
  of === null ? '' : `${of.id} ${of.name} ${of.until}`

function uplinksMark({ uplinks }: DeviceRow): string {
  return uplinks.map((each) => `${each.name} ${each.interface} ${each.state}`).join()
}

/** One text for the alerts of a view, to see whether they changed. */
export function alertsMark({ alerts }: Pick<View, 'alerts'>): string {
  return alerts
    .map(({ name, state, device, activeAt }) => `${name} ${state} ${device} ${activeAt}`)
    .join()
}
