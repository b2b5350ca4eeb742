import type { Acknowledgement } from '../../lib/decisions/acknowledgement.ts'
import type { Device } from '../../lib/inventory.ts'
import type { Labels } from '../../lib/labels.ts'
import { isoOrNull, orNull } from '../device-json.ts'
import type { Alert } from '../view/alerts.ts'
import type { View } from '../view/build.ts'
import { acknowledgements, fingerprintOf } from './acknowledged.ts'
import { heldBy } from './held.ts'
import type { AcknowledgementJson, AlertJson } from './schema.ts'

/** The alerts of a view, pending ones too, the worst and oldest first. */
export function alertsJson(view: View): AlertJson[] {
  const acknowledgementOf = acknowledgements(view.decided, view.at)
  return view.alerts.map((alert) => {
    const given = acknowledgementOf(alert)
    const place = placeOf(alert.labels, (id) => view.byId.get(id)?.device)
    return {
      fingerprint: fingerprintOf(alert),
      alert: alert.name,
      severity: alert.severity,
      state: alert.state,
      ...place,
      active_at: isoOrNull(alert.activeAt),
      labels: { ...alert.labels },
      summary: null,
      acknowledged:
        given === null
          ? null
          : {
              by: given.createdBy,
              comment: given.comment,
              at: isoOrNull(given.at),
              until: isoOrNull(given.expiresAt),
            },
      held: heldJson(alert, view),
    }
  })
}

function heldJson(alert: Alert, { decided }: View): AlertJson['held'] {
  if (alert.held.length === 0) return null
  const held = heldBy(alert, decided)
  return held === null ? null : { ...held }
}

type Place = Pick<AlertJson, 'device' | 'device_name' | 'branch' | 'region'>

/** Where the device is now, not where it was when the alert began. */
export function placeOf(labels: Labels, deviceOf: (id: string) => Device | undefined): Place {
  const { device: id = '', branch = '', region = '' } = labels
  const device = deviceOf(id)
  return {
    device: orNull(id),
    device_name: device === undefined ? null : device.name || device.id,
    branch: orNull(device?.branch ?? branch),
    region: orNull(device?.region ?? region),
  }
}

export function acknowledgementJson(given: Acknowledgement): AcknowledgementJson {
  const { alertname = '', device = '' } = given.labels
  return {
    fingerprint: given.id,
    alert: alertname,
    device: orNull(device),
    labels: { ...given.labels },
    by: given.createdBy,
    comment: given.comment,
    at: new Date(given.at).toISOString(),
    until: isoOrNull(given.expiresAt),
    sticky: given.sticky,
  }
}
