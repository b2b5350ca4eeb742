import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { canaryApp } from '../../../../alerting/canary/app.ts'
import { listened, withCanaryRoute } from '../../../../alerting/canary/receiver.ts'
import type { Notification, Receiver } from '../../../../alerting/notify/notification.ts'
import { NotifyError } from '../../../../alerting/notify/notify-error.ts'
import { type Routing, compileRouting } from '../../../../alerting/notify/routing.ts'
import type { Flip } from '../../../../lib/canary.ts'
import { Secret } from '../../../../lib/secret.ts'

const NOW = Date.UTC(2026, 2, 1, 12, 0, 6)
const DOWN = NOW - 6_000
const secret = new Secret('between us')

function post(
  app: ReturnType<typeof canaryApp>,
  body: string,
  { key = secret.reveal(), at = NOW }: { key?: string; at?: number } = {},
) {
  const timestamp = String(Math.floor(at / 1000))
  const signature = createHmac('sha256', key).update(`${timestamp}:${body}`).digest('hex')
  const headers = { 'x-wardline-timestamp': timestamp, 'x-wardline-signature': signature }
  return app.request('/canary', { method: 'POST', body, headers })
}

const bodyOf = (status: string, device = 'wardline-canary'): string =>
  JSON.stringify({
    alerts: [
      { status, labels: { alertname: 'Canary', device }, startsAt: new Date(DOWN).toISOString() },
    ],
  })

describe("the receiver that is wardline's own", () => {
  const open = () => {
    const flips: Flip[] = []
    const clock = { now: () => NOW }
    const app = canaryApp({ secret, arrived: (given) => void flips.push(...given), clock })
    return { app, flips }
  }

  test.each([
    ['firing', { at: DOWN, up: false }],
    ['resolved', { at: DOWN + 10_000, up: true }],
  ])('takes a %s canary for its flip', async (status, flip) => {
    const { app, flips } = open()
    expect((await post(app, bodyOf(status))).status).toBe(200)
    expect(flips).toEqual([flip])
  })

  test('knows no other device', async () => {
    const { app, flips } = open()
    expect((await post(app, bodyOf('firing', 'router-1'))).status).toBe(200)
    expect(flips).toEqual([])
  })

  test.each<[string, string, { key?: string; at?: number }, number]>([
    ['signed by somebody else', bodyOf('firing'), { key: 'another' }, 401],
    ['of ten minutes ago', bodyOf('firing'), { at: NOW - 600_000 }, 401],
    ['that is no JSON', '{', {}, 400],
    ['that is no webhook', '{"alerts": 1}', {}, 400],
  ])('refuses a message %s', async (_, body, how, status) => {
    const { app, flips } = open()
    expect((await post(app, body, how)).status).toBe(status)
    expect(flips).toEqual([])
  })

  test('refuses a message without a signature', async () => {
    const { app } = open()
    const response = await app.request('/canary', { method: 'POST', body: bodyOf('firing') })
    expect(response.status).toBe(401)
  })
})

describe('a receiver of the configuration that the canary is sent to', () => {
  const notification = {
    alerts: [{ labels: { device: 'wardline-canary' }, startsAt: DOWN, endsAt: 0 }],
  } as unknown as Notification
  const delivery = {
    idempotencyKey: 'k',
    reference: null,
    signal: new AbortController().signal,
  }
  const receiver = (notify: Receiver['notify']) => ({ name: 'ops', notify }) as Receiver

  test('counts once it took the message, and keeps its reference', async () => {
    const flips: Flip[] = []
    const heard = listened(
      receiver(async () => 'message-1'),
      (given) => void flips.push(...given),
    )
    expect(await heard.notify(notification, delivery)).toBe('message-1')
    expect(flips).toEqual([{ at: DOWN, up: false }])
  })

  test('does not count when it refused it', async () => {
    const flips: Flip[] = []
    const refuse = () =>
      Promise.reject(new NotifyError('no', { retryable: true, reason: 'failed' }))
    const heard = listened(receiver(refuse), (given) => void flips.push(...given))
    await expect(heard.notify(notification, delivery)).rejects.toThrow('no')
    expect(flips).toEqual([])
  })
})

describe('the route of the canary', () => {
  const receivers = ['ops', 'chat'].map((name) => ({ name, groupBy: ['device'], repeatMs: 1 }))
  const toldTo = (routing: Routing, labels: Record<string, string>): string[] =>
    routing.destinations(labels).map(({ receiver }) => receiver)
  const canary = { alertname: 'Canary', device: 'wardline-canary' }

  test('leads to its receiver alone, at once', () => {
    const routing = withCanaryRoute(compileRouting({}, receivers), 'wardline-canary')
    expect(toldTo(routing, canary)).toEqual(['wardline-canary'])
    expect(routing.destinations(canary)[0]).toMatchObject({ groupWaitMs: 0, groupIntervalMs: 0 })
  })

  test('leaves all others as they are, the alert that it is lost included', () => {
    const routing = withCanaryRoute(compileRouting({}, receivers), 'wardline-canary')
    expect(toldTo(routing, { alertname: 'CanaryLost' })).toEqual(['ops', 'chat'])
    expect(toldTo(routing, { alertname: 'DeviceDown', device: 'a' })).toEqual(['ops', 'chat'])
  })

  test('leads nowhere where there is no canary', () => {
    expect(toldTo(withCanaryRoute(compileRouting({}, receivers), null), canary)).toEqual([])
  })
})
