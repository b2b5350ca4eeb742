import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Notification } from '../../../../../alerting/notify/notification.ts'
import { fingerprint } from '../../../../../lib/fingerprint.ts'
import { groupKey } from '../../../../../alerting/notify/group-key.ts'
import { webhookBody } from '../../../../../alerting/notify/receivers/webhook.ts'
import { alertOf } from '../alerts.ts'

const EXTERNALS = {
  externalUrl: 'http://wardline.example:5001',
  externalLabels: { site: 'tbilisi' },
}
const T = Date.UTC(2026, 2, 29, 1, 59, 58, 123)

// Alertmanager v0.34: template.Data and webhook.Message, every key that they marshal and no other.
const labels = z.record(z.string(), z.string().min(1))
const rfc3339 = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/)
const alertSchema = z.strictObject({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: z.record(z.string(), z.string()),
  startsAt: rfc3339,
  endsAt: rfc3339,
  generatorURL: z.url(),
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
})
const messageSchema = z.strictObject({
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  alerts: z.array(alertSchema).min(1),
  notification_reason: z.enum([
    'first notification',
    'new alerts added',
    'some alerts resolved',
    'all alerts resolved',
    'repeat interval elapsed',
  ]),
  groupLabels: labels,
  commonLabels: labels,
  commonAnnotations: z.record(z.string(), z.string()),
  routeLabels: labels,
  externalURL: z.url(),
  version: z.literal('4'),
  groupKey: z.string(),
  truncatedAlerts: z.literal(0),
})

const fires = (name: string) => ({ ...alertOf(name, T), endsAt: 0 })
const ended = (name: string) => ({ ...alertOf(name, T), endsAt: T + 5_000 })

function bodyOf(
  alerts: Notification['alerts'],
  externals: Parameters<typeof webhookBody>[2] = EXTERNALS,
) {
  const groupLabels = { alertname: 'DeviceDown', branch: 'Vake' }
  const notification: Notification = {
    groupKey: groupKey(groupLabels),
    groupLabels,
    routeLabels: {},
    alerts,
    reason: 'first notification',
    at: T,
    truncatedAlerts: 0,
  }
  const body = JSON.parse(JSON.stringify(webhookBody(notification, 'ops', externals))) as unknown
  return messageSchema.parse(body)
}

describe('the webhook body', () => {
  test('has every field of Alertmanager’s version 4, and no other', () => {
    expect(bodyOf([fires('a')])).toEqual({
      receiver: 'ops',
      status: 'firing',
      alerts: [
        {
          status: 'firing',
          labels: {
            alertname: 'DeviceDown',
            alertgroup: 'availability',
            device: 'a',
            branch: 'Vake',
            site: 'tbilisi',
          },
          annotations: { summary: 'a is down' },
          startsAt: '2026-03-29T01:59:58.123Z',
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: 'http://wardline.example:5001/?device=a',
          fingerprint: fingerprint({
            alertname: 'DeviceDown',
            alertgroup: 'availability',
            device: 'a',
            branch: 'Vake',
            site: 'tbilisi',
          }),
        },
      ],
      notification_reason: 'first notification',
      groupLabels: { alertname: 'DeviceDown', branch: 'Vake' },
      commonLabels: {
        alertname: 'DeviceDown',
        alertgroup: 'availability',
        device: 'a',
        branch: 'Vake',
        site: 'tbilisi',
      },
      commonAnnotations: { summary: 'a is down' },
      routeLabels: {},
      externalURL: 'http://wardline.example:5001',
      version: '4',
      groupKey: '{}:{alertname="DeviceDown", branch="Vake"}',
      truncatedAlerts: 0,
    })
  })

  test.each([
    ['firing', 'all fire', [fires('a'), fires('b')]],
    ['firing', 'one still fires', [ended('a'), fires('b')]],
    ['resolved', 'all have ended', [ended('a'), ended('b')]],
  ])('is %s when %s', (status, _, alerts) => {
    expect(bodyOf(alerts).status).toBe(status)
  })

  test('gives the end of an alert that has one', () => {
    expect(bodyOf([ended('a')]).alerts[0]).toMatchObject({
      status: 'resolved',
      startsAt: '2026-03-29T01:59:58.123Z',
      endsAt: '2026-03-29T02:00:03.123Z',
    })
  })

  test('names what all alerts have in common', () => {
    const { commonLabels, commonAnnotations } = bodyOf([fires('a'), fires('b')])
    expect(commonLabels).toEqual({
      alertname: 'DeviceDown',
      alertgroup: 'availability',
      branch: 'Vake',
      site: 'tbilisi',
    })
    expect(commonAnnotations).toEqual({})
  })

  test('lets an alert’s own label win over an external one', () => {
    const { alerts } = bodyOf([fires('a')], {
      ...EXTERNALS,
      externalLabels: { device: 'external' },
    })
    expect(alerts[0]?.labels['device']).toBe('a')
  })

  test('links an id with characters that a URL can not hold', () => {
    const link = bodyOf([fires('a&b=ც "')]).alerts[0]?.generatorURL ?? ''
    expect(new URL(link).searchParams.get('device')).toBe('a&b=ც "')
  })
})

test.each([
  [{}, '{}:{}'],
  [{ device: 'a' }, '{}:{device="a"}'],
  [{ device: 'a', alertname: 'X' }, '{}:{alertname="X", device="a"}'],
  [{ device: 'a"b\\c' }, '{}:{device="a\\"b\\\\c"}'],
])('the group key of %j is printed as Alertmanager does', (given, expected) => {
  expect(groupKey(given)).toBe(expected)
})
