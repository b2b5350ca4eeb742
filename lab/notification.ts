import { styleText } from 'node:util'
import { humanizeDuration } from '../lib/duration.ts'

/** What the lab reads of a notification: Alertmanager's webhook body, version 4. */
export type Notification = { readonly alerts: readonly NotifiedAlert[] }

export type NotifiedAlert = {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly startsAt: string
  readonly endsAt: string
}

/** The notification in a body, or null when it isn't one. */
export function parseNotification(body: string): Notification | null {
  try {
    const { alerts } = JSON.parse(body) as Partial<Notification>
    return Array.isArray(alerts) && alerts.every(isAlert) ? { alerts } : null
  } catch {
    return null
  }
}

/** One line for each alert: `▼ DeviceDown branch-012-router (Batumi 3) since 12:03:04`. */
export function notificationLines(
  { alerts }: Notification,
  { colours, timeZone }: { colours: boolean; timeZone?: string },
): string[] {
  return alerts.map(({ status, labels, annotations, startsAt, endsAt }) => {
    const { alertname = 'an alert', severity = '', device = '', branch = '' } = labels
    const since = annotations['down_since'] ?? startsAt
    const what = [alertname, device, branch && `(${branch})`].filter(Boolean).join(' ')
    if (status === 'firing') {
      const colour = severity === 'critical' ? 'red' : 'yellow'
      return `${paint(colour, '▼', colours)} ${what} since ${timeOf(since, timeZone)}`
    }
    const lasted = humanizeDuration(Date.parse(endsAt) - Date.parse(since))
    return `${paint('green', '▲', colours)} resolved ${what} after ${lasted}`
  })
}

function isAlert(alert: Partial<NotifiedAlert> | null): alert is NotifiedAlert {
  return (
    (alert?.status === 'firing' || alert?.status === 'resolved') &&
    typeof alert.labels === 'object' &&
    typeof alert.annotations === 'object' &&
    typeof alert.startsAt === 'string' &&
    typeof alert.endsAt === 'string'
  )
}

const paint = (colour: 'red' | 'yellow' | 'green', text: string, colours: boolean): string =>
  colours ? styleText(colour, text, { validateStream: false }) : text

function timeOf(iso: string, timeZone?: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  return at.toLocaleTimeString('en-GB', timeZone === undefined ? {} : { timeZone })
}
