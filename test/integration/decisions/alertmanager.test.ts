import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertsView, ViewedAlert } from '../../../alerting/http/alertmanager-alerts.ts'
import { alertmanagerConfig } from '../../../alerting/http/alertmanager-config.ts'
import { alertmanagerApp } from '../../../alerting/http/alertmanager.ts'
import { fingerprint } from '../../../lib/fingerprint.ts'
import { systemClock } from '../../../lib/clock.ts'
import { routeSchema } from '../../../lib/config/routing.ts'
import { type Decisions, openDecisions } from '../../../lib/decisions/decisions.ts'
import { labelsKey } from '../../../lib/labels.ts'
import { recordLog } from '../../fakes/log.ts'
import { freePort, startStores } from '../../stores.ts'
import { amtool } from './amtool.ts'

const HOUR = 3_600_000

let opened: AsyncDisposableStack
let decisions: Decisions
let view: AlertsView
let app: ReturnType<typeof alertmanagerApp>
let url: string

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  const { log } = recordLog()
  const { redis } = opened.use(await startStores())
  decisions = opened.use(await openDecisions({ redis, clock: systemClock, log }))
  view = { alerts: [], groups: [] }
  const route = routeSchema.parse({
    receiver: 'noc',
    group_by: ['branch'],
    group_interval: '0s',
    routes: [
      {
        receiver: 'sms',
        matchers: ['severity="critical"'],
        continue: true,
        mute_time_intervals: ['nights'],
      },
    ],
  })
  app = alertmanagerApp({
    decisions,
    view: () => view,
    receivers: ['noc', 'sms'],
    config: alertmanagerConfig({ receivers: [{ name: 'noc' }, { name: 'sms' }], route }),
    version: '1.2.3',
    generatorUrl: ({ device = '' }) => `http://127.0.0.1:5001/?device=${device}`,
    clock: systemClock,
    log,
  })
  const port = await freePort()
  const server: ServerType = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' })
  opened.defer(() => void server.close())
  url = `http://127.0.0.1:${port}`
})
afterEach(() => opened.disposeAsync())

function alert(
  labels: Record<string, string>,
  suppressions: ViewedAlert['suppressions'] = [],
): ViewedAlert {
  return {
    alert: {
      key: labelsKey(labels),
      labels,
      annotations: { summary: 'down' },
      state: 'firing',
      startsAt: 1_700_000_000_000,
    },
    fingerprint: fingerprint(labels),
    receivers: ['noc'],
    suppressions,
  }
}

const add = (...args: string[]) =>
  amtool(url, 'silence', 'add', '--author=nino', '--comment=new roof', ...args)

describe('amtool', () => {
  test('adds, shows, changes and expires silences', async () => {
    const added = await add('DeviceDown', 'branch=Vake', 'device=~"sw-.*"', 'role!=core')
    expect(added).toMatchObject({ code: 0, err: '' })
    const id = added.out.trim()
    expect(decisions.current.silences).toMatchObject([
      {
        id,
        createdBy: 'nino',
        comment: 'new roof',
        matchers: [
          { name: 'alertname', value: 'DeviceDown', isRegex: false, isEqual: true },
          { name: 'branch', value: 'Vake', isRegex: false, isEqual: true },
          { name: 'device', value: 'sw-.*', isRegex: true, isEqual: true },
          { name: 'role', value: 'core', isRegex: false, isEqual: false },
        ],
      },
    ])
    const shown = await amtool(url, 'silence', 'query', 'branch=Vake')
    expect(shown.out).toContain(id)
    expect((await amtool(url, 'silence', 'query', '-q', 'branch=Gldani')).out).toBe('')

    const updated = await amtool(url, 'silence', 'update', '--duration=3h', '--comment=rain', id)
    expect(updated).toMatchObject({ code: 0, err: '' })
    const [silence] = decisions.current.silences
    expect(silence).toMatchObject({ id, comment: 'rain' })
    expect((silence?.endsAt ?? 0) - (silence?.startsAt ?? 0)).toBeCloseTo(3 * HOUR, -4)

    expect(await amtool(url, 'silence', 'expire', id)).toMatchObject({ code: 0, err: '' })
    expect((await amtool(url, 'silence', 'query', '-q')).out).toBe('')
    const over = await amtool(url, 'silence', 'query', '-q', '--expired', '--within=1h')
    expect(over.out.trim()).toBe(id)
  })

  test('imports what it exported', async () => {
    await add('branch=Vake')
    await add('branch=Gldani', '--start=2035-01-01T00:00:00Z', '--end=2035-01-02T00:00:00Z')
    const exported = await amtool(url, 'silence', 'query', '-o', 'json')
    expect(JSON.parse(exported.out)).toHaveLength(2)
    const file = join(tmpdir(), `wardline-silences-${process.pid}.json`)
    await writeFile(file, exported.out)
    opened.defer(() => rm(file))
    expect(await amtool(url, 'silence', 'import', '--force', file)).toMatchObject({ code: 0 })
    expect(decisions.current.silences).toHaveLength(4)
    // By their ids they are versions of what is there.
    expect(await amtool(url, 'silence', 'import', file)).toMatchObject({ code: 0 })
    expect(decisions.current.silences).toHaveLength(4)
  })

  test.each([
    ['matches everything', ['branch=~.*'], /match everything/],
    [
      'ends before it begins',
      ['a=b', '--start=2035-01-02T00:00:00Z', '--end=2035-01-01T00:00:00Z'],
      /start/,
    ],
  ])('is told why a silence that %s is refused', async (_, args, why) => {
    const { code, err } = await add(...args)
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(why) })
  })

  test('shows alerts by what holds them back', async () => {
    const one = (device: string) => ({ alertname: 'DeviceDown', device, branch: 'Vake' })
    view = {
      alerts: [
        alert(one('r1')),
        alert(one('r2'), [{ by: 'silence', cause: '3f1c' }]),
        alert(one('r3'), [{ by: 'inhibition', cause: 'abcd' }]),
        alert(one('r4'), [{ by: 'maintenance', cause: 'Backup' }]),
        alert(one('r5'), [{ by: 'acknowledged', cause: 'nino' }]),
        { ...alert(one('r6')), alert: { ...alert(one('r6')).alert, state: 'pending' } },
      ],
      groups: [],
    }
    const query = async (...args: string[]) => {
      const { out } = await amtool(url, 'alert', 'query', '-o', 'json', ...args)
      const found = JSON.parse(out) as { labels: { device: string }; status: { state: string } }[]
      return found.map(({ labels, status }) => `${labels.device} ${status.state}`).sort()
    }
    expect(await query()).toEqual(['r1 active', 'r5 active'])
    expect(await query('--silenced')).toEqual(['r2 suppressed', 'r4 suppressed'])
    expect(await query('--inhibited')).toEqual(['r3 suppressed'])
    expect(await query('device=~"r[1-3]"')).toEqual(['r1 active'])
    expect(await query('--receiver=sms')).toEqual([])
    expect((await amtool(url, 'alert', 'query', 'device=r1')).out).toContain('DeviceDown')
  })

  test('shows the configuration, and tests its routes', async () => {
    expect((await amtool(url, 'config', 'show')).out).toContain('receiver: noc')
    const tested = await amtool(url, 'config', 'routes', 'test', 'severity=critical')
    expect(tested).toMatchObject({ code: 0, out: 'sms\n' })
    expect((await amtool(url, 'config', 'routes', 'test', 'severity=info')).out).toBe('noc\n')
  })
})

describe('the API', () => {
  const silence = {
    matchers: [{ name: 'branch', value: 'Vake', isRegex: false }],
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2099-01-01T00:00:00+04:00',
    createdBy: 'nino',
    comment: '',
  }
  const post = (body: unknown, type = 'application/json') =>
    app.request('/api/v2/silences', {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })

  // What Alertmanager 0.25 answers to the same.
  test.each([
    ['{', 400, { code: 400 }],
    [{}, 422, { code: 602 }],
    [{ ...silence, matchers: [] }, 422, { code: 602 }],
    [{ ...silence, endsAt: 'tomorrow' }, 422, { code: 602 }],
    [
      { ...silence, matchers: [{ name: 'a', value: '(', isRegex: true }] },
      400,
      expect.stringMatching(/regular/),
    ],
    [
      { ...silence, matchers: [{ name: 'a', value: '.*', isRegex: true }] },
      400,
      expect.stringMatching(/everything/),
    ],
    [{ ...silence, endsAt: '2020-01-01T00:00:00Z' }, 400, expect.stringMatching(/before the end/)],
    [{ ...silence, id: 'x' }, 404, expect.stringMatching(/no silence/)],
  ])('refuses %j with %i', async (body, status, expected) => {
    const response = await post(body)
    expect(response.status).toBe(status)
    const answer: unknown = await response.json()
    if (typeof answer === 'string') expect(answer).toEqual(expected)
    else expect(answer).toMatchObject({ ...(expected as object), message: expect.any(String) })
  })

  test.each([
    ['GET', '/api/v2/silence/nope', 422],
    ['GET', '/api/v2/silence/11111111-1111-1111-1111-111111111111', 404],
    ['DELETE', '/api/v2/silence/11111111-1111-1111-1111-111111111111', 404],
    ['GET', '/api/v2/silences?filter=%7Ba=b%7D', 400],
    ['GET', '/api/v2/alerts?filter=(', 400],
    ['GET', '/api/v2/alerts?receiver=(', 400],
    ['POST', '/api/v2/alerts', 405],
    ['PUT', '/api/v2/silences', 405],
    ['GET', '/api/v2/nothing', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const response = await app.request(path, { method })
    expect(response.status).toBe(status)
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test('takes JSON alone, which a browser sends to nobody else unasked', async () => {
    expect((await post(silence, 'text/plain')).status).toBe(415)
    expect((await post(silence, 'application/json; charset=utf-8')).status).toBe(200)
  })

  test('refuses a body of more than a mebibyte, in chunks too', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = ' '.repeat(1_048_577)
    const whole = await fetch(`${url}/api/v2/silences`, { method: 'POST', headers, body })
    const parts = { method: 'POST', headers, body: new Blob([body]).stream(), duplex: 'half' }
    const chunked = await fetch(`${url}/api/v2/silences`, parts as RequestInit)
    expect([whole.status, chunked.status]).toEqual([413, 413])
    expect(await whole.json()).toMatchObject({ code: 413 })
  })

  test('gives back what it was given, in force from now on', async () => {
    const before = Date.now()
    const answer = (await (await post(silence)).json()) as { silenceID: string }
    const response = await app.request(`/api/v2/silence/${answer.silenceID}`)
    const got = (await response.json()) as { startsAt: string }
    expect(got).toMatchObject({
      id: answer.silenceID,
      status: { state: 'active' },
      endsAt: '2098-12-31T20:00:00.000Z',
      matchers: [{ name: 'branch', value: 'Vake', isRegex: false, isEqual: true }],
    })
    expect(Date.parse(got.startsAt)).toBeGreaterThanOrEqual(before)
  })

  test('tells of silences in the states that are asked for', async () => {
    await post(silence)
    await post({ ...silence, startsAt: '2098-01-01T00:00:00Z' })
    const states = async (query: string) => {
      const response = await app.request(`/api/v2/silences${query}`)
      const found = (await response.json()) as { status: { state: string } }[]
      return found.map(({ status }) => status.state)
    }
    expect(await states('')).toEqual(['active', 'pending'])
    expect(await states('?active=false')).toEqual(['pending'])
    expect(await states('?pending=false&expired=false')).toEqual(['active'])
  })

  test('groups alerts as the notifier does', async () => {
    const [one, other] = [alert({ device: 'r1' }), alert({ device: 'r2' })]
    view = {
      alerts: [one, other],
      groups: [
        { receiver: 'noc', groupLabels: { branch: 'Vake' }, alerts: [one.alert] },
        { receiver: 'sms', groupLabels: {}, alerts: [one.alert, other.alert] },
      ],
    }
    const response = await app.request('/api/v2/alerts/groups?filter=device=r1')
    expect(await response.json()).toMatchObject([
      {
        receiver: { name: 'noc' },
        labels: { branch: 'Vake' },
        alerts: [{ labels: { device: 'r1' } }],
      },
      { receiver: { name: 'sms' }, labels: {}, alerts: [{ labels: { device: 'r1' } }] },
    ])
  })
})
