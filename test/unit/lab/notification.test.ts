import { describe, expect, test } from 'vitest'
import { notificationLines, parseNotification } from '../../../lab/notification.ts'

const alert = {
  status: 'firing',
  labels: {
    alertname: 'DeviceDown',
    severity: 'critical',
    device: 'branch-012-router',
    branch: 'Telavi 2',
  },
  annotations: { down_since: '2026-11-05T09:03:04.000Z' },
  startsAt: '2026-11-05T09:03:07.000Z',
  endsAt: '0001-01-01T00:00:00Z',
}
const body = (...alerts: unknown[]) => JSON.stringify({ version: '4', alerts })
const lines = (text: string, colours = false) =>
  notificationLines(parseNotification(text) ?? { alerts: [] }, { colours, timeZone: 'UTC' })

describe('a notification as lines', () => {
  test('says what is down and since when', () => {
    expect(lines(body(alert))).toEqual(['▼ DeviceDown branch-012-router (Telavi 2) since 09:03:04'])
  })

  test('says what is resolved and how long it lasted', () => {
    const resolved = { ...alert, status: 'resolved', endsAt: '2026-11-05T09:05:11.000Z' }
    expect(lines(body(resolved))).toEqual([
      '▲ resolved DeviceDown branch-012-router (Telavi 2) after 2m 7s',
    ])
  })

  test('falls back to the start of an alert that no device has', () => {
    const late = { ...alert, labels: { alertname: 'MonitoringLate' }, annotations: {} }
    expect(lines(body(late))).toEqual(['▼ MonitoringLate since 09:03:07'])
  })

  test('is coloured by severity when asked', () => {
    expect(lines(body(alert), true)[0]).toContain('\u001b[31m▼')
    const warning = { ...alert, labels: { ...alert.labels, severity: 'warning' } }
    expect(lines(body(warning), true)[0]).toContain('\u001b[33m▼')
  })
})

test.each(['', 'not JSON', 'null', '{}', '{"alerts":[{"status":"odd"}]}', '{"alerts":[null]}'])(
  'what is no notification is refused: %s',
  (text) => {
    expect(parseNotification(text)).toBeNull()
  },
)
