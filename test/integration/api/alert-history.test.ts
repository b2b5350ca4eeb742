import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alertSchema } from '../../../api/alerts/schema.ts'
import { type EpisodeJson, episodeSchema } from '../../../api/alerts/history/schema.ts'
import type { Labels } from '../../../lib/labels.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { STALE, encodeWriteRequest } from '../../../lib/remote-write.ts'
import { type VictoriaMetrics, connectVictoriaMetrics } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type RunningApi, feed, slot, startApi } from './stand.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const inventory = inventoryOf(
  device('r1', { branch: 'Vake', region: 'East' }),
  device('r2', { branch: 'Gori, old', region: 'East' }),
)
const R1 = { alertname: 'DeviceDown', severity: 'critical', device: 'r1', branch: 'Vake' }
const R2 = { ...R1, device: 'r2', branch: 'Gori, old' }
const GONE = { ...R1, device: 'gone', branch: 'Elsewhere' }
const UPLINK = { ...R1, alertname: 'UplinkDown', severity: 'high', uplink: 'isp "a", \\b' }

const now = slot()
const iso = (at: number): string => new Date(at).toISOString()

let stores: Stores
let api: RunningApi
let asked: string[] = []

/** An alert as alerting writes it: each 15 s, with a stale marker at its end. */
function firing(labels: Labels, start: number, end: number | null): Sample[] {
  const samples: Sample[] = []
  for (let at = start + 2 * SECOND; at <= (end ?? now); at += 15 * SECOND)
    samples.push(
      { measurement: '', labels: { ...labels, alertstate: 'firing' }, fields: { ALERTS: 1 }, at },
      { measurement: '', labels, fields: { ALERTS_FOR_STATE: start / 1_000 }, at },
    )
  return samples
}

/** When each of these ended. */
const markers = (...ended: readonly (readonly [Labels, number])[]): Uint8Array =>
  encodeWriteRequest(
    ended.flatMap(([labels, at]) => [
      { labels: { ...labels, alertstate: 'firing', __name__: 'ALERTS' }, value: STALE, at },
      { labels: { ...labels, __name__: 'ALERTS_FOR_STATE' }, value: STALE, at },
    ]),
  )

const attempt = (labels: Labels, at: number, reason: string, result = 'accepted'): Sample => {
  const { alertname = '', device: id = '' } = labels
  return {
    measurement: '',
    labels: { receiver: 'noc, night', result, reason, alertname, device: id },
    fields: { wardline_notification_seconds: 0.12 },
    at,
  }
}

const FIRST = now - 5 * HOUR
const SECOND_TIME = now - 2 * HOUR

beforeAll(async () => {
  stores = await startStores()
  await feed(stores.victoriaMetrics, [
    ...firing(R1, FIRST, FIRST + 5 * MINUTE),
    ...firing(R1, SECOND_TIME, SECOND_TIME + MINUTE),
    ...firing(R2, now - 30 * HOUR, null),
    ...firing(GONE, now - HOUR, now - HOUR + MINUTE),
    ...firing(UPLINK, now - 3 * HOUR, now - 3 * HOUR + 10 * MINUTE),
    attempt(R1, FIRST + 3 * SECOND, 'timeout', 'failed'),
    attempt(R1, FIRST + 9 * SECOND, 'first notification'),
    attempt(R1, FIRST + 6 * MINUTE, 'all alerts resolved'),
    attempt(R1, SECOND_TIME + 3 * SECOND, 'first notification'),
    attempt({ ...R1, alertname: 'HighLatency' }, FIRST + 4 * SECOND, 'first notification'),
    {
      measurement: '',
      labels: { receiver: 'noc, night', alertname: 'DeviceDown', device: 'r2' },
      fields: { wardline_outage_to_delivery_seconds: 4 },
      at: now - 30 * HOUR + 4 * SECOND,
    },
  ])
  await stores.victoriaMetrics.remoteWrite(
    markers(
      [R1, FIRST + 5 * MINUTE + 7 * SECOND],
      [R1, SECOND_TIME + MINUTE + 7 * SECOND],
      [GONE, now - HOUR + MINUTE + 7 * SECOND],
    ),
  )
  await stores.victoriaMetrics.flush()
  const counting = (vm: VictoriaMetrics): VictoriaMetrics => ({
    ...vm,
    exportCsv(match, ...rest) {
      asked.push(match)
      return vm.exportCsv(match, ...rest)
    },
    exportSeries(match, ...rest) {
      asked.push(match)
      return vm.exportSeries(match, ...rest)
    },
    separate: (connections) => counting(vm.separate(connections)),
  })
  const real = connectVictoriaMetrics(stores.vmUrl)
  api = await startApi(stores, inventory, { victoriaMetrics: counting(real) })
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

async function history(query = ''): Promise<EpisodeJson[]> {
  const { status, body } = await api.get(`/api/v1/alerts/history${query}`)
  expect({ status, body }).toMatchObject({ status: 200 })
  return z.array(episodeSchema).parse(body)
}
const inShort = (episodes: readonly EpisodeJson[]) =>
  episodes.map(({ alert, device: id, start, end }) => [alert, id, start, end])

describe('H1 the history of alerts', () => {
  test('tells each time that one fired, the newest first, to its stale marker', async () => {
    expect(inShort(await history())).toEqual([
      ['DeviceDown', 'gone', iso(now - HOUR), iso(now - HOUR + MINUTE + 7 * SECOND)],
      ['DeviceDown', 'r1', iso(SECOND_TIME), iso(SECOND_TIME + MINUTE + 7 * SECOND)],
      // Its alerting ended without a marker: its last sample.
      ['UplinkDown', 'r1', iso(now - 3 * HOUR), iso(now - 3 * HOUR + 9 * MINUTE + 47 * SECOND)],
      ['DeviceDown', 'r1', iso(FIRST), iso(FIRST + 5 * MINUTE + 7 * SECOND)],
      ['DeviceDown', 'r2', iso(now - 30 * HOUR), null],
    ])
  })

  test('tells who was told of each time', async () => {
    const told = await history('?device=r1&alert=DeviceDown')
    const reasons = told.map(({ notifications }) =>
      notifications.map(({ result, reason }) => `${result}: ${reason}`),
    )

    expect(reasons).toEqual([
      ['accepted: first notification'],
      ['failed: timeout', 'accepted: first notification', 'accepted: all alerts resolved'],
    ])
    expect(told[1]?.notifications[1]).toEqual({
      at: iso(FIRST + 9 * SECOND),
      receiver: 'noc, night',
      result: 'accepted',
      reason: 'first notification',
      seconds: 0.12,
    })
  })

  test('tells of a message about several devices at each of them, too', async () => {
    expect((await history('?device=r2'))[0]).toMatchObject({
      branch: 'Gori, old',
      duration_seconds: expect.any(Number),
      notifications: [{ receiver: 'noc, night', reason: 'first notification', seconds: null }],
    })
  })

  test('F2 has labels as they are', async () => {
    expect((await history('?alert=UplinkDown'))[0]?.labels).toEqual(UPLINK)
  })

  test.each([
    ['?branch=Vake', 3],
    ['?region=East', 4],
    ['?alert=UplinkDown&alert=DeviceDown&device=r1', 3],
    ['?severity=warning', 0],
    ['?severity=critical&severity=warning', 4],
    ['?severity=high', 1],
    ['?q=downstream', 0],
    ['?q=UPLINK', 1],
    ['?q=east%20devicedown', 3],
    // It has left the inventory, and alerts of it are among those of the time asked for.
    ['?device=gone', 1],
    ['?device=gone&device=r2', 2],
    ['?limit=2', 2],
    ['?limit=2&offset=4', 1],
    [`?to=${iso(now - 4 * HOUR)}`, 2],
    [`?from=${iso(now - 4 * HOUR)}&to=${iso(now - 90 * MINUTE)}`, 3],
  ])('%s: %i', async (query, count) => {
    expect(await history(query)).toHaveLength(count)
  })

  test('says how many there are beside a page of them', async () => {
    const { headers } = await api.get('/api/v1/alerts/history?limit=1')

    expect(headers.get('x-total-count')).toBe('5')
  })

  test.each([
    [`from=${iso(now - 60 * 24 * HOUR)}`, 'from'],
    [`from=${iso(now - HOUR)}&to=${iso(now - 2 * HOUR)}`, 'from'],
    ['from=yesterday', 'from'],
    ['branch=Vaka', 'branch'],
    ['device=nobody', 'device'],
    [`device=gone&to=${iso(now - 4 * HOUR)}`, 'device'],
    ['limit=5000', 'limit'],
  ])('%s is a 400 that names %s', async (query, parameter) => {
    const { status, body } = await api.get(`/api/v1/alerts/history?${query}`)

    expect({ status, body }).toMatchObject({ status: 400, body: { parameter } })
  })
})

test('the alerts of a past instant are those that fired then', async () => {
  const firingAt = async (at: number) => {
    const { status, body } = await api.get(`/api/v1/alerts?device=r1&at=${iso(at)}`)
    expect({ status, body }).toMatchObject({ status: 200 })
    return z
      .array(alertSchema)
      .parse(body)
      .map(({ alert, active_at }) => [alert, active_at])
  }

  expect(await firingAt(FIRST + 2 * MINUTE)).toEqual([['DeviceDown', iso(FIRST)]])
  // After its marker it shows no more.
  expect(await firingAt(FIRST + 5 * MINUTE + 8 * SECOND)).toEqual([])
  expect(await firingAt(FIRST - MINUTE)).toEqual([])
})

test('F1 it costs two exports, whatever is asked', async () => {
  asked = []
  await history()
  await history('?device=r1&limit=1')

  expect(asked).toHaveLength(4)
})
