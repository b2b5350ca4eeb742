import { gunzipSync } from 'node:zlib'
import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alertSchema } from '../../../api/alerts/schema.ts'
import { healthSchema, statsSchema } from '../../../api/health-schema.ts'
import {
  branchSchema,
  deviceSchema,
  historySchema,
  problemSchema,
  regionSchema,
} from '../../../api/schemas.ts'
import { queuesSchema } from '../../../api/queues-schema.ts'
import type { Principal } from '../../../api/auth/principal.ts'
import { VictoriaMetricsError } from '../../../lib/victoriametrics.ts'
import { authAs } from '../../fakes/auth.ts'
import { type MutableInventory, device, inventoryOf } from '../../fakes/inventory.ts'
import { AT, alertPoints, point, pollPoints, uplinkPoints, vectorsOf } from './fleet-vectors.ts'
import { type Stand, standOver } from './stand.ts'

const snmp = { modules: [], credentials: ['c'], port: 161, intervalMs: 60_000, timeoutMs: 1_000 }
const vectors = {
  ...vectorsOf(
    { id: 'router-1', up: false, sinceAgo: 8_100_123, sampleAgo: 1_000, loss: 1 },
    { id: 'switch-1', up: false, sinceAgo: 8_099_000, sampleAgo: 1_000, loss: 1 },
    { id: 'a/b ?ქ', up: true, sampleAgo: 1_000, rtt: 0.012, loss: Number.NaN },
  ),
  alerts: alertPoints(
    { alertname: 'DeviceFlapping', severity: 'warning', device: 'switch-1' },
    'firing',
    5_000,
  ),
  ...pollPoints('router-1', { up: true, ago: 4_000 }),
  uplinks: uplinkPoints(
    { device: 'router-1', uplink: 'isp-a', ifIndex: '2', ifName: 'Gi0/2', ifAlias: 'WAN: A' },
    { oper: 2, ago: 4_000 },
  ),
  own: [
    point(40, { __name__: 'wardline_collector_in_flight', kind: 'ping', instance: 'c1' }),
    point(88, { __name__: 'wardline_collector_due', kind: 'ping', instance: 'c1' }),
    point(876, { __name__: 'wardline_collector_targets', kind: 'ping', instance: 'c1' }),
  ],
}

let inventory: MutableInventory
let stand: Stand
beforeEach(async () => {
  inventory = inventoryOf(
    device('router-1', { snmp, tags: ['core'] }),
    device('switch-1', { parents: ['router-1'], vendor: 'Cisco' }),
    device('a/b ?ქ', { branch: '', region: '', type: '' }),
    device('off', { enabled: false }),
  )
  stand = await standOver(inventory, vectors)
})

const get = (path: string, headers: Record<string, string> = {}) =>
  stand.app.request(path, { headers })

describe('H1 every answer keeps its contract', () => {
  test.each<[string, z.ZodType]>([
    ['/api/v1/devices', z.array(deviceSchema).length(4)],
    ['/api/v1/devices/router-1', deviceSchema],
    [`/api/v1/devices/${encodeURIComponent('a/b ?ქ')}`, deviceSchema],
    ['/api/v1/devices/router-1/history', historySchema],
    ['/api/v1/branches', z.array(branchSchema).min(1)],
    ['/api/v1/regions', z.array(regionSchema).min(1)],
    ['/api/v1/alerts', z.array(alertSchema).length(1)],
    ['/api/v1/dashboard/stats', statsSchema],
    ['/api/v1/scheduler/queues', queuesSchema],
    ['/api/scheduler/queues', queuesSchema],
    ['/api/v1/health', healthSchema],
  ])('%s', async (path, schema) => {
    const response = await get(path)
    const text = await response.text()

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(text).not.toMatch(/NaN|Infinity/)
    expect(JSON.parse(text)).toEqual(schema.parse(JSON.parse(text)))
  })

  test.each(['/api/v1/devices?sort=up', '/api/v1/devices/nobody', '/api/v1/nothing', '/nothing'])(
    '%s is refused in problem details',
    async (path) => {
      const response = await get(path)
      const problem = problemSchema.parse(await response.json())

      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(problem.status).toBe(response.status)
      expect(response.status).toBeGreaterThanOrEqual(400)
    },
  )
})

describe('devices', () => {
  test('one is told whole', async () => {
    expect(await (await get('/api/v1/devices/switch-1')).json()).toEqual({
      id: 'switch-1',
      name: 'switch-1.example.net',
      address: '198.18.0.1',
      branch: 'Vake',
      region: 'Tbilisi',
      type: 'router',
      role: null,
      vendor: 'Cisco',
      model: null,
      status: 'unreachable',
      since: '2026-11-22T09:45:01.000Z',
      down_since: '2026-11-22T09:45:01.000Z',
      downtime_seconds: 8_099,
      last_sample_at: '2026-11-22T11:59:59.000Z',
      sample_age_seconds: 1,
      rtt_ms: null,
      loss_ratio: 1,
      flapping: true,
      maintenance: null,
      acknowledged: null,
      problems: [
        {
          alert: 'DeviceFlapping',
          severity: 'warning',
          state: 'firing',
          active_at: '2026-11-22T11:59:55.000Z',
        },
      ],
      snmp: null,
      uplinks: [],
      parents: ['router-1'],
      cause: ['router-1'],
      tags: [],
      origin: 'file',
    })
  })

  test('the list tells each as it is told alone, in any order and with any members', async () => {
    const list = (await (await get('/api/v1/devices')).json()) as { id: string }[]
    for (const one of list) {
      const path = `/api/v1/devices/${encodeURIComponent(one.id)}`
      expect(await (await get(path)).json()).toEqual(one)
    }
    const some = await get('/api/v1/devices?sort=-id&fields=sample_age_seconds,id')

    expect(await some.json()).toEqual(
      list
        .map(
          ({ id, ...others }) => ({ ...others, id }) as { id: string; sample_age_seconds: number },
        )
        .map(({ id, sample_age_seconds }) => ({ sample_age_seconds, id }))
        .toSorted((a, b) => (a.id < b.id ? 1 : -1)),
    )
  })

  test('lengths of time go on while nothing else changes', async () => {
    await get('/api/v1/devices')
    await stand.clock.advance(4_000)
    const list = (await (await get('/api/v1/devices')).json()) as Record<string, unknown>[]

    expect(list[0]).toMatchObject({ downtime_seconds: 8_104.123, sample_age_seconds: 5 })
    expect(list[1]).toMatchObject({ downtime_seconds: 8_103, sample_age_seconds: 5 })
  })

  test('the same compressed, for who takes that', async () => {
    const plain = await get('/api/v1/devices')
    const packed = await get('/api/v1/devices', { 'accept-encoding': 'br, gzip' })
    const refused = await get('/api/v1/devices', { 'accept-encoding': 'gzip;q=0' })
    const bytes = Buffer.from(await packed.arrayBuffer())

    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('vary')).toContain('Accept-Encoding')
    expect(gunzipSync(bytes).toString()).toBe(await plain.text())
    expect(refused.headers.get('content-encoding')).toBeNull()
  })

  test('at a past instant it tells that instant, and says so', async () => {
    const response = await get('/api/v1/devices/router-1?at=2026-11-22T11:59:59.500Z')

    expect(await response.json()).toMatchObject({ sample_age_seconds: 0.5 })
    expect(response.headers.get('x-wardline-as-of')).toBe('2026-11-22T11:59:59.500Z')
    expect(response.headers.get('x-wardline-age-seconds')).toBeNull()
  })

  test('B1 down_since has its milliseconds', async () => {
    const body = (await (await get('/api/v1/devices/router-1')).json()) as { down_since: string }

    expect(body.down_since).toBe(new Date(AT - 8_100_123).toISOString())
  })

  test('C12 its uplinks are told with it and with its branch', async () => {
    const uplink = {
      name: 'isp-a',
      interface: 'Gi0/2',
      alias: 'WAN: A',
      state: 'down',
      since: null,
    }
    const branches = (await (await get('/api/v1/branches')).json()) as object[]

    expect(await (await get('/api/v1/devices/router-1')).json()).toMatchObject({
      uplinks: [uplink],
    })
    expect(branches).toMatchObject([
      { branch: null, uplinks: [], uplink_status: 'none' },
      { branch: 'Vake', uplinks: [{ ...uplink, device: 'router-1' }], uplink_status: 'down' },
    ])
  })

  test('a page of the list, some fields, and the count of all that match', async () => {
    const path =
      '/api/v1/devices?status=down,unreachable&sort=-downtime&fields=id,status&limit=1&offset=1'
    const response = await get(path)

    expect(await response.json()).toEqual([{ id: 'switch-1', status: 'unreachable' }])
    expect(response.headers.get('x-total-count')).toBe('2')
  })

  test('an id that is not known is a 404 that names the nearest', async () => {
    const response = await get('/api/v1/devices/ruoter-1')

    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({
      detail: 'no device "ruoter-1", did you mean "router-1"?',
      nearest: 'router-1',
    })
  })

  test('the same view is not sent twice; the next one is', async () => {
    const first = await get('/api/v1/devices')
    const tag = first.headers.get('etag') ?? ''
    const again = await get('/api/v1/devices', { 'if-none-match': `"other", ${tag}` })
    await stand.clock.advance(4_000)
    const later = await get('/api/v1/devices', { 'if-none-match': tag })

    expect([again.status, await again.text()]).toEqual([304, ''])
    expect(later.status).toBe(200)
  })

  test('A5 an answer carries its age', async () => {
    await get('/api/v1/devices')
    await stand.clock.advance(1_500)
    const response = await get('/api/v1/devices')

    expect(response.headers.get('x-wardline-age-seconds')).toBe('1.5')
    expect(response.headers.get('x-wardline-as-of')).toBe(new Date(AT).toISOString())
  })
})

test('H5 whoever sees a part of the fleet is told of the health of that part alone', async () => {
  inventory = inventoryOf(
    device('east-1', { region: 'East' }),
    ...Array.from({ length: 40 }, (_, index) => device(`west-${index}`, { region: 'West' })),
  )
  const scope = { regions: ['East'], branches: [] }
  const near: Principal = { name: 'east', kind: 'token', role: 'viewer', scope }
  const answer = { ...vectorsOf({ id: 'east-1', up: true, sampleAgo: 1_000 }), own: vectors.own }
  stand = await standOver(inventory, answer, {}, { auth: authAs(near) })
  const { components, reasons } = healthSchema.parse(await (await get('/api/v1/health')).json())

  expect(components.samples).toMatchObject({ status: 'ok', fresh: 1, late: 0, never: 0 })
  expect(reasons).toEqual(['alerting has not reported: a status may be old'])
})

describe('when something fails', () => {
  test('A4 VictoriaMetrics away is a 503 with its reason', async () => {
    stand.answer = new VictoriaMetricsError("can't reach it", 'unreachable')
    const response = await get('/api/v1/devices')

    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      title: 'Status unknown',
      reason: 'unreachable',
      detail: expect.stringContaining("can't reach it"),
    })
    expect((await get('/api/v1/health')).status).toBe(503)
    expect((await get('/readyz')).status).toBe(503)
    expect((await get('/livez')).status).toBe(200)
  })

  test('a history that is refused is a 503; a bug is a 500 that tells nothing and is logged', async () => {
    stand = await standOver(inventory, vectors, {
      queryRange: async () => {
        throw new VictoriaMetricsError('too many series', 'rejected')
      },
    })
    const path = '/api/v1/devices/router-1/history?range=1h'
    expect((await get(path)).status).toBe(503)

    stand = await standOver(inventory, vectors, {
      queryRange: async () => {
        throw new TypeError('a secret of ours')
      },
    })
    const response = await get(path)

    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret')
    expect(stand.log.lines).toMatchObject([
      { msg: 'request failed', path: '/api/v1/devices/router-1/history' },
    ])
  })

  test('a path that is nearly right is named; another method is not offered', async () => {
    const nearly = await get('/api/v1/device')
    const written = await stand.app.request('/api/v1/branches', { method: 'POST' })

    expect(await nearly.json()).toMatchObject({
      detail: expect.stringContaining('/api/v1/devices'),
    })
    expect(written.status).toBe(405)
    expect(written.headers.get('allow')).toContain('GET, HEAD')
  })

  test('a browser is shown the page, which says so; a program is told a problem', async () => {
    const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    const shown = await get('/nothing/at/all', html)
    expect([shown.status, shown.headers.get('content-type')]).toEqual([
      404,
      'text/html; charset=utf-8',
    ])
    expect(shown.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(await shown.text()).toContain('id="main"')

    for (const [path, headers] of [
      ['/nothing', {}],
      ['/api/v1/nothing', html],
      ['/page/nothing.js', { ...html, 'sec-fetch-dest': 'script' }],
    ] as const) {
      const told = await get(path, headers)
      expect([path, told.headers.get('content-type')]).toEqual([path, 'application/problem+json'])
    }
  })

  test.each(['POST', 'DELETE', 'OPTIONS'])('%s of what is not there is a 404', async (method) => {
    const response = await stand.app.request('/api/v1/device', { method })

    expect(response.status).toBe(404)
    expect(response.headers.get('allow')).toBeNull()
    expect(await response.json()).toMatchObject({ status: 404 })
  })
})

test('the page comes whole from here, under a policy that lets nothing else in', async () => {
  const page = await get('/')
  const html = await page.text()
  const files = [...html.matchAll(/(?:src|href)="(.*?)"/g)].map(([, path = '']) => path)

  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(files.length).toBeGreaterThan(2)
  for (const path of files) expect((await get(path)).status, path).toBe(200)
})

test('a file of the page that a browser has, compressed or not, is not sent again', async () => {
  for (const encoding of ['gzip', 'identity']) {
    const headers = { 'accept-encoding': encoding }
    const first = await get('/page/main.js', headers)
    const tag = first.headers.get('etag') ?? ''
    const again = await get('/page/main.js', { ...headers, 'if-none-match': tag })
    const strong = await get('/page/main.js', {
      ...headers,
      'if-none-match': tag.replace('W/', ''),
    })
    const other = await get('/page/main.js', { ...headers, 'if-none-match': '"other"' })

    expect(first.headers.get('content-encoding') ?? 'identity').toBe(encoding)
    expect([again.status, await again.text(), strong.status, other.status]).toEqual([
      304,
      '',
      304,
      200,
    ])
  }
})

test('what is short is not compressed: it is asked for all the time', async () => {
  for (const path of ['/api/v1/dashboard/stats', '/api/v1/health', '/api/v1/session']) {
    const answer = await get(path, { 'accept-encoding': 'gzip' })
    expect([path, answer.headers.get('content-encoding')]).toEqual([path, null])
    expect((await answer.text()).length).toBeLessThan(8_192)
  }
})

test.each(['/', '/page/main.js', '/page/styles.css'])(
  '%s says the same compressed',
  async (path) => {
    const plain = await get(path, { 'accept-encoding': 'identity' })
    const packed = await get(path, { 'accept-encoding': 'gzip' })
    const again = await get(path, { 'accept-encoding': 'gzip' })

    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('vary')).toBe('Accept-Encoding')
    const text = await plain.text()
    for (const answer of [packed, again])
      expect(gunzipSync(await answer.arrayBuffer()).toString()).toBe(text)
  },
)

test('HEAD of the event stream opens none', async () => {
  for (let turn = 0; turn < 3; turn++) {
    const response = await stand.app.request('/api/v1/events', { method: 'HEAD' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toContain('text/event-stream')
  }
  expect(await (await get('/metrics')).text()).toContain('wardline_event_streams 0\n')
})

test('queues sum up what the collectors report', async () => {
  expect(await (await get('/api/scheduler/queues')).json()).toMatchObject({
    success: true,
    data: { active: 40, reserved: 88, scheduled: 876, workers: [{ name: 'c1', active_tasks: 40 }] },
  })
})

test('its own metrics count requests by route, not by device', async () => {
  await get('/api/v1/devices/router-1')
  await get('/api/v1/devices/off')
  const text = await (await get('/metrics')).text()

  expect(text).toContain(
    'wardline_http_request_seconds_count{method="GET",route="/api/v1/devices/:id",status="200"} 2',
  )
})
