import { describe, expect, test } from 'vitest'
import {
  T,
  delivery,
  notificationOf,
  notifyBy,
  outage,
} from '../../../unit/alerting/notify/receivers/stand.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import { type Request, startHttpService } from './http-service.ts'

const bodies = (requests: readonly Request[]): Record<string, unknown>[] =>
  requests.map(({ body }) => JSON.parse(body) as Record<string, unknown>)
const keyOf = (device: string): string => fingerprint({ site: 'tbilisi', ...outage(device).labels })

describe('pagerduty', () => {
  const pagerduty = (url: string, given: object = {}) =>
    notifyBy({ pagerduty: { routing_key: 'R0UT1NG', api_url: url, ...given } })

  test('gets an event for each alert: a trigger, and a resolve under the same key', async () => {
    await using service = await startHttpService(() => ({ status: 202 }))
    const alerts = [outage('a'), outage('b', T + 60_000)]
    await pagerduty(service.url)(notificationOf(alerts), delivery())
    expect(service.requests.map(({ path }) => path)).toEqual(['/v2/enqueue', '/v2/enqueue'])
    expect(bodies(service.requests)).toEqual([
      {
        routing_key: 'R0UT1NG',
        event_action: 'trigger',
        dedup_key: `wardline/${keyOf('a')}`,
        client: 'wardline',
        client_url: 'http://wardline.example:5001/?device=a',
        links: [{ href: 'http://wardline.example:5001/?device=a', text: 'Open in wardline' }],
        payload: {
          summary: 'a is down',
          source: 'Vake <a>',
          severity: 'critical',
          timestamp: '2026-03-29T00:59:58.000Z',
          component: '198.18.0.1',
          group: 'Vake',
          class: 'DeviceDown',
          custom_details: expect.objectContaining({ device: 'a', branch: 'Vake' }),
        },
      },
      {
        routing_key: 'R0UT1NG',
        event_action: 'resolve',
        dedup_key: `wardline/${keyOf('b')}`,
      },
    ])
  })

  test.each([
    ['warning', {}, 'warning'],
    ['page', {}, 'error'],
    ['page', { severities: { page: 'critical' } }, 'critical'],
  ])('severity %s with %j is %s', async (severity, given, expected) => {
    await using service = await startHttpService(() => ({ status: 202 }))
    const alert = outage('a', 0, { labels: { alertname: 'X', severity } })
    await pagerduty(service.url, given)(notificationOf([alert]), delivery())
    expect(bodies(service.requests)[0]).toMatchObject({ payload: { severity: expected } })
  })

  test('is sent only the events that it did not take, when it is tried again', async () => {
    await using service = await startHttpService(({ body }) => ({
      status: body.includes(keyOf('b')) ? 500 : 202,
    }))
    const notify = pagerduty(service.url)
    const notification = notificationOf([outage('a'), outage('b'), outage('c')])
    await expect(notify(notification, delivery())).rejects.toMatchObject({ retryable: true })
    const before = service.requests.length
    service.behave(() => ({ status: 202 }))
    await notify(notification, delivery())
    expect(bodies(service.requests.slice(before)).map(({ dedup_key }) => dedup_key)).toEqual([
      `wardline/${keyOf('b')}`,
    ])
  })

  test('that refuses one event has taken the others, and the log says so', async () => {
    await using service = await startHttpService(({ body }) => ({
      status: body.includes(keyOf('b')) ? 400 : 202,
    }))
    const warned: object[] = []
    const log = { warn: (what: object) => void warned.push(what), info: () => {} }
    const notify = notifyBy(
      { pagerduty: { routing_key: 'R', api_url: service.url } },
      { log: log as never },
    )
    await notify(notificationOf([outage('a'), outage('b')]), delivery())
    expect(warned).toEqual([{ receiver: 'ops', refused: 1, of: 2, reason: 'answered 400' }])
  })
})

describe('opsgenie', () => {
  const opsgenie = (url: string) =>
    notifyBy({
      opsgenie: { api_key: 'K3Y', api_url: url, teams: ['noc'], priorities: { page: 'P2' } },
    })

  test('gets an alert by an alias, and closes it by that', async () => {
    await using service = await startHttpService(() => ({ status: 202 }))
    await opsgenie(service.url)(notificationOf([outage('a')]), delivery())
    await opsgenie(service.url)(notificationOf([outage('a', T + 60_000)]), delivery())
    const [create, close] = service.requests
    expect(create).toMatchObject({ method: 'POST', path: '/v2/alerts' })
    expect(create?.headers['authorization']).toBe('GenieKey K3Y')
    expect(bodies(service.requests)[0]).toMatchObject({
      message: 'a is down',
      alias: `wardline-${keyOf('a')}`,
      entity: 'Vake <a>',
      priority: 'P1',
      responders: [{ name: 'noc', type: 'team' }],
    })
    expect(close?.path).toBe(`/v2/alerts/wardline-${keyOf('a')}/close?identifierType=alias`)
    expect(bodies(service.requests)[1]).toMatchObject({ note: 'Resolved after 1m: a is down' })
  })

  test('has its alert changed when the outage grew', async () => {
    await using service = await startHttpService(() => ({ status: 202 }))
    const alert = outage('a', 0, { annotations: { summary: 'a is down', unreachable: '7' } })
    await opsgenie(service.url)(notificationOf([alert], { reason: 'updated' }), delivery())
    expect(service.requests.map(({ method }) => method)).toEqual(['PUT', 'PUT'])
    expect(bodies(service.requests)[0]).toEqual({
      message: 'a is down: 7 devices unreachable behind it',
    })
  })
})
