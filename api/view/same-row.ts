import type { Alert } from './alerts.ts'
import type { DeviceRow } from './build.ts'

/** Whether two views tell the same of a device, but for how long ago it was. */
export function isSameRow(a: DeviceRow, b: DeviceRow): boolean {
  return (
    a.device === b.device &&
    a.status === b.status &&
    a.since === b.since &&
    a.lastSampleAt === b.lastSampleAt &&
    a.rttSeconds === b.rttSeconds &&
    a.lossRatio === b.lossRatio &&
    a.snmp?.up === b.snmp?.up &&
    a.snmp?.at === b.snmp?.at &&
    a.maintenance?.id === b.maintenance?.id &&
    a.maintenance?.until === b.maintenance?.until &&
    a.maintenance?.name === b.maintenance?.name &&
    a.acknowledgement === b.acknowledgement &&
    isSameList(a.causes, b.causes, (one, other) => one === other) &&
    isSameList(a.uplinks, b.uplinks, isShallowlySame) &&
    isSameList(a.alerts, b.alerts, isSameAlert)
  )
}

function isSameList<T>(
  a: readonly T[],
  b: readonly T[],
  isSame: (one: T, other: T) => boolean,
): boolean {
  if (a.length !== b.length) return false
  return a.every((one, index) => {
    const other = b[index]
    return other !== undefined && isSame(one, other)
  })
}

const isSameAlert = (a: Alert, b: Alert): boolean =>
  a.name === b.name &&
  a.severity === b.severity &&
  a.state === b.state &&
  a.activeAt === b.activeAt &&
  (a.labels === b.labels || isShallowlySame(a.labels, b.labels)) &&
  isSameList(a.held, b.held, isShallowlySame)

function isShallowlySame(a: object, b: object): boolean {
  const ofA = Object.entries(a)
  const ofB = new Map(Object.entries(b))
  return ofA.length === ofB.size && ofA.every(([key, value]) => ofB.get(key) === value)
}
