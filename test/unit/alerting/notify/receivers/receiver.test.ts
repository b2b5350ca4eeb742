import { describe, expect, test } from 'vitest'
import { receiverOf } from '../../../../../alerting/notify/receivers/index.ts'
import { EXTERNALS, configOf } from './stand.ts'

const receiver = (given: Parameters<typeof configOf>[0]) => receiverOf(configOf(given), EXTERNALS)
const webhook = { url: 'http://x' }
const alertmanager = { urls: ['http://x'] }

test('a receiver groups by alert and device, and is told again every 4 hours', () => {
  expect(receiver({ webhook })).toMatchObject({
    name: 'ops',
    groupBy: ['alertname', 'device'],
    repeatMs: 4 * 3_600_000,
    retryForMs: 86_400_000,
    maxAlerts: 0,
    sendResolved: true,
    updatesInPlace: false,
  })
})

test('Alertmanager is told again every minute whatever its route says, and of every end', () => {
  expect(receiver({ alertmanager, send_resolved: false, max_alerts: 5 })).toMatchObject({
    repeatMs: 60_000,
    refreshMs: 60_000,
    sendResolved: true,
    maxAlerts: 0,
  })
})

describe('an update', () => {
  const url = 'https://x/y'
  test.each([
    ['webhook', { webhook }, false],
    ['slack webhook', { slack: { webhook_url: url } }, false],
    ['slack bot', { slack: { bot_token: 'x', channel: 'y' } }, true],
    ['teams', { teams: { webhook_url: url } }, false],
    ['telegram', { telegram: { bot_token: 'x', chat_id: '1' } }, true],
    ['discord', { discord: { webhook_url: url } }, true],
    ['pagerduty', { pagerduty: { routing_key: 'x' } }, true],
    ['opsgenie', { opsgenie: { api_key: 'x' } }, true],
    ['alertmanager', { alertmanager }, true],
    ['webhook that asks for it', { webhook, send_updates: true }, true],
    [
      'telegram that does not',
      { telegram: { bot_token: 'x', chat_id: '1' }, send_updates: false },
      false,
    ],
  ])('is told where it changes a message that is there: %s', (_, given, expected) => {
    expect(receiver(given).updatesInPlace).toBe(expected)
  })
})
