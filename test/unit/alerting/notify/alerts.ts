import { type Alert, alertKey } from '../../../../alerting/alert.ts'

export const GROUP = { branch: 'Vake' }

/** An alert of device `name` that fires since `startsAt`, or was resolved at `resolvedAt`. */
export function alertOf(name: string, startsAt: number, resolvedAt = 0): Alert {
  const labels = { alertname: 'DeviceDown', alertgroup: 'availability', device: name, ...GROUP }
  return {
    key: alertKey(labels),
    groupId: 'availability',
    ruleId: 'device-down',
    revision: '',
    labels,
    annotations: { summary: `${name} is down` },
    value: 1,
    state: resolvedAt === 0 ? 'firing' : 'resolved',
    activeAt: startsAt,
    startsAt,
    resolvedAt,
    keepFiringSince: null,
  }
}
