import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ExplainJson, explainSchema } from '../../../api/explain/schema.ts'
import type { DeviceJson } from '../../../api/schemas.ts'
import { systemClock } from '../../../lib/clock.ts'
import { openDecisions } from '../../../lib/decisions/decisions.ts'
import { type Device, identityLabels } from '../../../lib/inventory.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { createLog } from '../../../lib/log.ts'
import { COLLECTOR_INFO } from '../../../lib/sites.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { type RunningApi, alert, feed, ping, seldomPinged, slot, startApi, state } from './stand.ts'

const up = seldomPinged('up')
const router = seldomPinged('R1')
const edge = seldomPinged('E.1', { parents: ['R1'] })
const silent = seldomPinged('silent')
const never = seldomPinged('never')
const off = seldomPinged('off', { enabled: false })
const half = seldomPinged('half')
const all = [up, router, edge, silent, never, off, half]

const now = slot()
const DOWN_AT = now - 60_000
const iso = (at: number): string => new Date(at).toISOString()

const MATCHERS = [{ name: 'device', value: 'R1', isRegex: false, isEqual: true }]
const DOWN = { alertname: 'DeviceDown', severity: 'critical', device: 'R1', branch: 'Vake' }

let stores: Stores
let api: RunningApi
let asked: string[] = []
let silenceId: string

/** An outage since DOWN_AT: probed every 10 s, and three times more at its beginning. */
function outage(of: Device): Sample[] {
  const failed = [0, 1_000, 2_000, 3_000, 10_000, 20_000, 30_000, 40_000, 50_000, 58_000]
  return [
    ...[90_000, 80_000, 70_000, 60_000].map((ms) => ping(of, DOWN_AT + 50_000 - ms, 0.004)),
    ...failed.map((ms) => ping(of, DOWN_AT + ms, null)),
    state(of.id, true, DOWN_AT - 3_600_000, DOWN_AT - 120_000),
    state(of.id, false, DOWN_AT, DOWN_AT),
    state(of.id, false, DOWN_AT),
  ]
}

/** A device that one of two sites has lost, and that the other one hasn't asked since. */
const seenFromTwoSites = (): Sample[] => [
  ...['v1', 'v2'].map((vantage): Sample => {
    const labels = { vantage, site: `site of ${vantage}` }
    return { measurement: '', labels, fields: { [COLLECTOR_INFO]: 1 }, at: now - 20_000 }
  }),
  { ...ping(half, now - 8_000, 0.001), labels: { ...identityLabels(half), vantage: 'v2' } },
  ...[4, 3, 2, 0].map((seconds) => ping(half, now - seconds * 1_000, null)),
  state('half', true, now - 3_600_000),
]

beforeAll(async () => {
  stores = await startStores()
  const log = createLog('silent')
  await using decisions = await openDecisions({ redis: stores.redis, clock: systemClock, log })
  const draft = { matchers: MATCHERS, createdBy: 'alice', comment: 'line work' }
  silenceId = (await decisions.putSilence({ ...draft, endsAt: now + 3_600_000 })).id
  const held = { alertname: 'DeviceDown', device: 'R1', by: 'silence', cause: silenceId }
  const behind = { alertname: 'DeviceDown', device: 'E.1', by: 'parent', cause: 'R1' }
  const told = { receiver: 'noc', result: 'accepted', reason: 'first notification' }
  await feed(stores.victoriaMetrics, [
    ...[30, 20, 10, 0].map((seconds) => ping(up, now - seconds * 1_000, 0.0012)),
    state('up', true, now - 3_600_000),
    ...outage(router),
    ...outage(edge),
    ...[300, 290].map((seconds) => ping(silent, now - seconds * 1_000, 0.001)),
    state('silent', true, now - 3_600_000),
    ping(off, now, 0.001),
    ...seenFromTwoSites(),
    ...alert({ ...DOWN, alertstate: 'firing' }, DOWN_AT),
    { measurement: '', labels: held, fields: { wardline_alert_held: 1 }, at: now },
    { measurement: '', labels: behind, fields: { wardline_alert_held: 1 }, at: now },
    { measurement: '', labels: { device: 'R1' }, fields: { device_flapping_score: 7.5 }, at: now },
    {
      measurement: '',
      labels: { ...told, alertname: 'DeviceDown', device: 'R1' },
      fields: { wardline_notification_seconds: 0.12 },
      at: DOWN_AT + 4_000,
    },
  ])
  const real = connectVictoriaMetrics(stores.vmUrl)
  const counting = (vm: VictoriaMetrics): VictoriaMetrics => ({
    ...vm,
    query(expr, options) {
      asked.push(expr)
      return vm.query(expr, options)
    },
    exportCsv(match, ...rest) {
      asked.push(match)
      return vm.exportCsv(match, ...rest)
    },
    separate: (connections) => counting(vm.separate(connections)),
  })
  api = await startApi(stores, inventoryOf(...all), { victoriaMetrics: counting(real) })
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

async function explain(id: string, at?: number | string): Promise<ExplainJson> {
  const query = at === undefined ? '' : `?at=${typeof at === 'number' ? at / 1000 : at}`
  const { status, body } = await api.get(`/api/v1/devices/${id}/explain${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return explainSchema.parse(body)
}

describe('why a device has its status', () => {
  test.each(all.map(({ id }) => id))('of %s it is the status that the list tells', async (id) => {
    const listed = await api.get(`/api/v1/devices/${id}`)
    const { status, since, down_since: downSince } = listed.body as DeviceJson
    const told = await explain(id)

    expect(told).toMatchObject({ device: id, status, since })
    if (downSince !== null) expect(told.confirmation?.first_failed_at).toBe(downSince)
    expect(told.cause).toEqual((listed.body as DeviceJson).cause)
  })

  test('up: by the newest answer', async () => {
    const told = await explain('up')

    expect(told.ping.samples.at(-1)).toMatchObject({ at: iso(now), up: true, rtt_ms: 1.2 })
    expect(told.text[0]).toMatch(/^Up since .* was answered in 1\.2 ms\.$/)
  })

  test('down: the first failed probe, the one that confirmed it, the silence with its author, and who was told', async () => {
    const told = await explain('R1')

    expect(told).toMatchObject({
      status: 'down',
      since: iso(DOWN_AT),
      state: { up: false, since: iso(DOWN_AT) },
      confirmation: {
        needed: 3,
        failures: 10,
        first_failed_at: iso(DOWN_AT),
        confirmed_at: iso(DOWN_AT + 2_000),
      },
      alerts: [{ alert: 'DeviceDown', state: 'firing', active_at: iso(DOWN_AT) }],
      held: [{ alert: 'DeviceDown', by: 'silence', cause: silenceId, created_by: 'alice' }],
      flapping: { active: false, score_percent: 7.5 },
      notifications: [
        { at: iso(DOWN_AT + 4_000), receiver: 'noc', result: 'accepted', seconds: 0.12 },
      ],
    })
    expect(told.ping.samples.some(({ up: isUp, at }) => isUp && Date.parse(at) < DOWN_AT)).toBe(
      true,
    )
    expect(told.text.join('\n')).toMatch(
      /No answer to 10 probes since .*\n.*confirmed it.*\n.*7\.5 %.*\nDeviceDown \(critical\) fires .*\n.*by alice.*"line work".*\nnoc was told .* in 120 ms/,
    )
  })

  test('up as long as another site that looks had no failed probe of it', async () => {
    const told = await explain('half')

    expect(told.status).toBe('up')
    expect(told.confirmation).toMatchObject({ failures: 4, awaited_sites: ['site of v2'] })
  })

  test('unreachable: the parent, and that it holds the alert back', async () => {
    expect(await explain('E.1')).toMatchObject({
      status: 'unreachable',
      parents: [{ id: 'R1', status: 'down', since: iso(DOWN_AT) }],
      cause: ['R1'],
      held: [{ alert: 'DeviceDown', by: 'parent', cause: 'R1' }],
    })
  })

  test('unknown: how old the newest sample is', async () => {
    const told = await explain('silent')

    expect(told).toMatchObject({ status: 'unknown', ping: { stale: true } })
    expect(told.ping.last_sample_at).toBe(iso(now - 290_000))
    expect((await explain('never')).text[0]).toMatch(/^Unknown: no ping sample/)
  })

  test('disabled', async () => {
    expect((await explain('off')).text).toEqual([expect.stringMatching(/^Disabled/)])
  })
})

describe('at a past instant', () => {
  test('before the outage it was up; the silence of later is not in force', async () => {
    const told = await explain('R1', DOWN_AT - 1_000)

    expect(told).toMatchObject({ at: iso(DOWN_AT - 1_000), status: 'up', held: [], alerts: [] })
    expect(told.notifications).toEqual([])
    expect(told.ping.samples.every(({ at }) => Date.parse(at) < DOWN_AT)).toBe(true)
  })

  test('in its first seconds the outage is there, and not confirmed', async () => {
    expect(await explain('R1', iso(DOWN_AT + 1_000))).toMatchObject({
      status: 'down',
      since: iso(DOWN_AT),
      confirmation: { failures: 2, confirmed_at: null },
    })
  })

  test('long before anything was known it is unknown', async () => {
    expect(await explain('R1', 1_000_000_000_000)).toMatchObject({ status: 'unknown' })
  })

  test.each(['tomorrow', iso(now + 3_600_000), '2026-11-22', '99999999999'])(
    '%s is a 400 that says what is expected',
    async (at) => {
      const { status, body } = await api.get(`/api/v1/devices/R1/explain?at=${at}`)

      expect(status).toBe(400)
      expect(body).toMatchObject({ parameter: 'at', detail: expect.stringMatching(/^at: /) })
    },
  )

  test('an id that there is not is a 404 that names the nearest', async () => {
    const { status, body } = await api.get('/api/v1/devices/silen/explain')

    expect(status).toBe(404)
    expect(body).toMatchObject({ nearest: 'silent' })
  })
})

test('F1 it costs the same few questions for any device and instant, and none is of the whole fleet', async () => {
  const costOf = async (id: string, at?: number): Promise<string[]> => {
    asked = []
    await explain(id, at)
    return asked.filter(
      (expr) => /device=~?"/.test(expr) || /wardline_(notification|outage)/.test(expr),
    )
  }
  await waitFor(async () => (await costOf('up')).length > 0)

  const costs = [await costOf('up'), await costOf('E.1'), await costOf('R1', DOWN_AT)]

  expect(costs.map(({ length }) => length)).toEqual([7, 7, 7])
})
