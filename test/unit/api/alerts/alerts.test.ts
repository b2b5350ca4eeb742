import { beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  type AlertJson,
  acknowledgementSchema,
  alertSchema,
} from '../../../../api/alerts/schema.ts'
import { ANYBODY } from '../../../../api/auth/principal.ts'
import { acknowledgementRoutes } from '../../../../api/routes/acknowledgements.ts'
import { alertRoutes } from '../../../../api/routes/alerts.ts'
import { fingerprint } from '../../../../lib/fingerprint.ts'
import { parseMatchers } from '../../../../lib/matchers.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { type Ask, acting, someone } from '../acting.ts'
import { AT, alertPoints, emptyVectors, point } from '../fleet-vectors.ts'
import { type Stand, standOver } from '../stand.ts'

const HOUR = 3_600_000
const iso = (at: number): string => new Date(at).toISOString()

const DOWN = {
  alertname: 'DeviceDown',
  severity: 'critical',
  device: 'r1',
  branch: 'Vake',
  region: 'East',
}
const LATENCY = { ...DOWN, alertname: 'HighLatency', severity: 'warning' }
const ISP_A = { ...DOWN, alertname: 'UplinkDown', severity: 'high', uplink: 'isp-a' }
const ISP_B = { ...ISP_A, uplink: 'isp-b' }
const WEST = { ...DOWN, device: 'r3', branch: 'Batumi', region: 'West' }
const OWN = { alertname: 'CollectorStuck', severity: 'critical' }
/** Since when it fires: later than its condition holds, by its `for`. */
const FIRES_AT = AT - 60_000

const held = (labels: Readonly<Record<string, string>>, by: string, cause: string) => {
  const { alertname = '', device: id = '', branch = '', region = '' } = labels
  const own = { alertname, device: id, branch, region, by, cause }
  return point(1, { __name__: 'wardline_alert_held', ...own })
}

const inventory = inventoryOf(
  device('r1', { branch: 'Vake', region: 'East' }),
  device('r3', { branch: 'Batumi', region: 'West' }),
)
const vectors = {
  ...emptyVectors,
  alerts: [
    ...alertPoints(DOWN, 'firing', 120_000),
    ...alertPoints(LATENCY, 'pending', 30_000),
    ...alertPoints(ISP_A, 'firing', 90_000),
    ...alertPoints(ISP_B, 'firing', 80_000),
    ...alertPoints(WEST, 'firing', 70_000),
    ...alertPoints(OWN, 'firing', 10_000),
    held(WEST, 'parent', 'r1'),
  ],
}

let stand: Stand
let ask: Ask
/** What alerting says fires. */
let firing: readonly Readonly<Record<string, string>>[]
let asked: URL[]

beforeEach(async () => {
  firing = [DOWN, ISP_A, ISP_B, WEST, OWN]
  asked = []
  const alerting = {
    async forward({ url }: Request) {
      asked.push(new URL(url))
      const body = firing.map((labels) => {
        return { fingerprint: fingerprint(labels), labels, startsAt: iso(FIRES_AT), status: {} }
      })
      return Response.json(body)
    },
  }
  stand = await standOver(inventory, vectors, {}, { alerting })
  ask = acting(stand.parts, someone(), alertRoutes, acknowledgementRoutes)
})

const list = async (query = '', by: Ask = ask): Promise<AlertJson[]> => {
  const { status, body } = await by('GET', `/alerts${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return z.array(alertSchema).parse(body)
}
const one = async (labels: Readonly<Record<string, string>>): Promise<AlertJson | undefined> =>
  (await list('?state=any')).find((alert) => alert.fingerprint === fingerprint(labels))
const acknowledge = (labels: Readonly<Record<string, string>>, body: object = {}, by: Ask = ask) =>
  by('POST', `/alerts/${fingerprint(labels)}/ack`, body)
/** The view that follows sees what was decided. */
const refresh = () => stand.clock.advance(4_000)

describe('the alerts', () => {
  test('H1 are told as they are described, by the fingerprint that Alertmanager has', async () => {
    expect((await list())[0]).toEqual({
      fingerprint: fingerprint(DOWN),
      alert: 'DeviceDown',
      severity: 'critical',
      state: 'firing',
      device: 'r1',
      device_name: 'r1.example.net',
      branch: 'Vake',
      region: 'East',
      active_at: iso(AT - 120_000),
      labels: DOWN,
      summary: null,
      acknowledged: null,
      held: null,
    })
  })

  test.each<[string, number]>([
    ['', 5],
    ['?state=pending', 1],
    ['?state=any', 6],
    ['?severity=critical', 3],
    ['?severity=critical&severity=high', 5],
    ['?alert=UplinkDown', 2],
    ['?device=r3', 1],
    ['?branch=Vake', 3],
    ['?region=West', 1],
    ['?q=isp-b', 1],
    ['?q=R1 uplink', 2],
    ['?device=', 1],
  ])('%s: %i', async (query, count) => {
    expect(await list(query)).toHaveLength(count)
  })

  test('are told in pages', async () => {
    const { headers, body } = await ask('GET', '/alerts?limit=2&offset=4')

    expect(headers.get('x-total-count')).toBe('5')
    expect(body).toHaveLength(1)
  })

  test.each(['?state=over', '?branch=Vaka', '?no=1', '?limit=0'])('%s is a 400', async (query) => {
    expect((await ask('GET', `/alerts${query}`)).status).toBe(400)
  })

  test('say what holds them back', async () => {
    expect((await one(WEST))?.held).toEqual({ by: 'parent', cause: 'r1' })
  })

  test('of one name and device are not both held by the silence of one', async () => {
    const { id } = await stand.decisions.putSilence({
      matchers: parseMatchers('uplink="isp-a"'),
      endsAt: AT + HOUR,
      createdBy: 'nino',
      comment: '',
    })
    stand.answer = { ...vectors, alerts: [...vectors.alerts, held(ISP_A, 'silence', id)] }
    await refresh()

    expect((await one(ISP_A))?.held).toEqual({ by: 'silence', cause: id })
    expect((await one(ISP_B))?.held).toBeNull()
  })

  test('H5 of other regions are not told to who is of the region West, nor those without a device', async () => {
    const own = acting(
      stand.parts,
      someone('viewer', { regions: ['West'], branches: [] }),
      alertRoutes,
    )

    expect((await list('?state=any', own)).map(({ labels }) => labels)).toEqual([WEST])
    expect((await own('GET', '/alerts?region=East')).status).toBe(400)
  })
})

describe('an acknowledgement', () => {
  test('H1 is of the firing that alerting knows, and shows at its alert alone', async () => {
    const { status, body } = await acknowledge(DOWN, { comment: 'on my way' })
    await refresh()

    expect(status).toBe(201)
    expect(acknowledgementSchema.parse(body)).toEqual({
      fingerprint: fingerprint(DOWN),
      alert: 'DeviceDown',
      device: 'r1',
      labels: DOWN,
      by: 'nino',
      comment: 'on my way',
      at: iso(AT),
      until: null,
      sticky: false,
    })
    expect(stand.decisions.current.acknowledgements).toMatchObject([{ startsAt: FIRES_AT }])
    const filters = asked.map(({ searchParams }) => searchParams.getAll('filter'))
    expect(filters).toEqual([['alertname="DeviceDown"', 'device="r1"']])
    const told = (await list('?state=any')).filter(({ acknowledged }) => acknowledged !== null)
    expect(told.map(({ labels, acknowledged }) => [labels, acknowledged])).toEqual([
      [DOWN, { by: 'nino', comment: 'on my way', at: iso(AT), until: null }],
    ])
    expect((await ask('GET', '/acknowledgements')).body).toEqual([body])
  })

  test('is gone with the next outage, unless it is sticky', async () => {
    await acknowledge(DOWN)
    await acknowledge(WEST, { sticky: true, expires_at: iso(AT + HOUR) })
    const again = [DOWN, WEST].flatMap((labels) => alertPoints(labels, 'firing', -1_000))
    stand.answer = { ...vectors, alerts: again }
    await refresh()

    expect((await one(DOWN))?.acknowledged).toBeNull()
    expect((await one(WEST))?.acknowledged).toMatchObject({ until: iso(AT + HOUR) })
  })

  test('is taken back', async () => {
    await acknowledge(DOWN)
    const path = `/alerts/${fingerprint(DOWN)}/ack`

    expect((await ask('DELETE', path)).status).toBe(204)
    expect((await ask('DELETE', path)).status).toBe(404)
  })

  test.each<[string, object, RegExp]>([
    ['an end that is past', { expires_at: iso(AT - 1) }, /to come/],
    ['one without an end that outlives its outage', { sticky: true }, /expected an end/],
    ['an end that is none', { expires_at: 'soon' }, /^expires_at: /],
  ])('%s is a 400', async (_, body, detail) => {
    expect(await acknowledge(DOWN, body)).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(detail) },
    })
  })

  test('there is none of what is pending, is over by now, or never was', async () => {
    expect((await acknowledge(LATENCY)).status).toBe(409)
    firing = []
    expect((await acknowledge(DOWN)).status).toBe(409)
    expect((await acknowledge({ alertname: 'X' })).status).toBe(404)
    expect((await ask('POST', '/alerts/xyz/ack', {})).status).toBe(400)
    expect(stand.decisions.current.acknowledgements).toEqual([])
  })

  test('while Redis or alerting is away nothing is changed, and that is said', async () => {
    stand.decisions.isAway = true
    const redis = await acknowledge(DOWN)
    stand.decisions.isAway = false
    const alerting = { forward: async () => Promise.reject(new Error('refused')) }
    const parts = { ...stand.parts, alerting }
    const other = await acknowledge(DOWN, {}, acting(parts, someone(), acknowledgementRoutes))

    for (const [{ status, body }, reason] of [
      [redis, 'redis'],
      [other, 'alerting'],
    ] as const) {
      expect({ status, body }).toMatchObject({
        status: 503,
        body: { reason, detail: expect.stringMatching(/nothing was changed$/) },
      })
    }
  })

  test('H5 is nobody’s who may only read, or who is of another region', async () => {
    const west = { regions: ['West'], branches: [] }
    const own = acting(stand.parts, someone('operator', west), acknowledgementRoutes)
    const open = acting(stand.parts, ANYBODY, acknowledgementRoutes)
    await acknowledge(DOWN)

    expect((await acknowledge(DOWN, {}, open)).status).toBe(401)
    expect((await acknowledge(DOWN, {}, own)).status).toBe(404)
    expect((await own('DELETE', `/alerts/${fingerprint(DOWN)}/ack`)).status).toBe(404)
    expect((await own('GET', '/acknowledgements')).body).toEqual([])
    expect((await acknowledge(WEST, {}, own)).status).toBe(201)
  })
})
