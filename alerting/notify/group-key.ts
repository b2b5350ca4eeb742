import type { Labels } from '../../lib/labels.ts'

/** The key of the root route, under which a receiver without routes groups its alerts too. */
export const ROOT_KEY = '{}'

/** `{}:{alertname="DeviceDown", device="router-1"}`, as Alertmanager prints it. */
export function groupKey(groupLabels: Labels, routeKey: string = ROOT_KEY): string {
  const parts = Object.keys(groupLabels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(groupLabels[name])}`)
  return `${routeKey}:{${parts.join(', ')}}`
}
