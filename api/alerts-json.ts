import { isoOrNull } from './device-json.ts'
import type { AlertJson } from './schemas.ts'
import type { Alert } from './view/alerts.ts'
import type { View } from './view/build.ts'

/** The alerts of a view, pending ones too, the worst and oldest first. */
export function alertsJson(view: View): AlertJson[] {
  return view.alerts.map((alert) => alertJson(alert, view))
}

function alertJson(alert: Alert, { byId }: View): AlertJson {
  const device = alert.device === null ? undefined : byId.get(alert.device)?.device
  return {
    alert: alert.name,
    severity: alert.severity,
    state: alert.state,
    device: alert.device,
    device_name: device === undefined ? null : device.name || device.id,
    // Where the device is now, not where it was when the alert began.
    branch: (device?.branch ?? alert.labels['branch']) || null,
    region: (device?.region ?? alert.labels['region']) || null,
    active_at: isoOrNull(alert.activeAt),
    labels: { ...alert.labels },
  }
}
