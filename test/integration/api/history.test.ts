import { afterAll, beforeAll, expect, test } from 'vitest'
import { RANGES } from '../../../api/history/ranges.ts'
import { historySchema } from '../../../api/schemas.ts'
import type { Sample } from '../../../lib/line-protocol.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type RunningApi, feed, ping, slot, startApi, state } from './stand.ts'

const edge = device('edge')
const now = slot()
const minutesAgo = (minutes: number): number => now - minutes * 60_000

let stores: Stores
let api: RunningApi

beforeAll(async () => {
  stores = await startStores()
  api = await startApi(stores, inventoryOf(edge))
  const samples: Sample[] = []
  // An hour of pings: in another branch at first, none from 40 to 30 minutes ago, unanswered for the last 5.
  for (let at = minutesAgo(60); at <= now; at += 10_000) {
    if (at >= minutesAgo(40) && at < minutesAgo(30)) continue
    const of = at < minutesAgo(50) ? device('edge', { branch: 'elsewhere' }) : edge
    samples.push(ping(of, at, at < minutesAgo(5) ? 0.02 : null))
  }
  const transitions = [
    [true, minutesAgo(50_000), minutesAgo(60)],
    [false, minutesAgo(20) + 7, minutesAgo(20)],
    [true, minutesAgo(15), minutesAgo(15)],
    [false, minutesAgo(5), minutesAgo(5)],
    [false, minutesAgo(5), now],
  ] as const
  samples.push(...transitions.map(([up, since, at]) => state('edge', up, since, at)))
  await feed(stores.victoriaMetrics, samples)
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

const history = async (range: string) =>
  historySchema.parse((await api.get(`/api/v1/devices/edge/history?range=${range}`)).body)

test.each(RANGES)('F9 the range %s is honoured', async (range) => {
  const answer = await history(range)

  const points = answer.series.rtt_ms
  const step = answer.step_seconds * 1000
  expect(answer.range).toBe(range)
  expect(points.length).toBeGreaterThanOrEqual(180)
  expect(points.length).toBeLessThanOrEqual(400)
  expect(Date.parse(answer.end) - Date.parse(answer.start)).toBe(points.length * step)
  expect(points.some(([, value]) => value !== null)).toBe(true)
})

test('F9 an unknown range is a 400 that names the valid ones', async () => {
  const { status, body } = await api.get('/api/v1/devices/edge/history?range=2h')

  expect(status).toBe(400)
  expect(body).toMatchObject({ parameter: 'range', valid: RANGES })
  expect(body.detail).toContain('30m, 1h, 3h, 6h, 12h, 24h, 2d, 7d, 30d, 90d, 6mo, 13mo')
})

test('F4 the history goes on through a move to another branch, and a gap stays a gap', async () => {
  const { series } = await history('1h')
  const at = (minutes: number, points: (readonly [string, number | null])[]) =>
    points.findLast(([stamp]) => Date.parse(stamp) <= minutesAgo(minutes))?.[1]

  expect(at(55, series.rtt_ms)).toBe(20)
  expect(at(45, series.rtt_ms)).toBe(20)
  expect(at(35, series.rtt_ms)).toBeNull()
  expect(at(35, series.up)).toBeNull()
  expect(at(35, series.loss_ratio)).toBeNull()
})

test('F6 an outage has no round-trip times, and its probes count as unanswered', async () => {
  const { series } = await history('1h')

  expect(series.rtt_ms.at(-2)?.[1]).toBeNull()
  expect(series.up.at(-2)?.[1]).toBe(0)
  expect(series.loss_ratio.at(-2)?.[1]).toBe(1)
})

test('outages are those of the kept states, to the millisecond', async () => {
  const { outages } = await history('1h')

  expect(outages).toMatchObject([
    { start: new Date(minutesAgo(5)).toISOString(), end: null },
    {
      start: new Date(minutesAgo(20) + 7).toISOString(),
      end: new Date(minutesAgo(15)).toISOString(),
      duration_seconds: 299.993,
    },
  ])
})

test('between two instants it is what it was between them', async () => {
  const [from, to] = [minutesAgo(25), minutesAgo(10)].map((at) => new Date(at).toISOString())
  const answer = await api.get(`/api/v1/devices/edge/history?from=${from}&to=${to}`)
  const { range, start, end, outages, series } = historySchema.parse(answer.body)

  expect({ range, start, end }).toEqual({ range: null, start: from, end: to })
  expect(outages).toMatchObject([{ start: new Date(minutesAgo(20) + 7).toISOString() }])
  expect(series.rtt_ms.every(([, value]) => value === 20)).toBe(true)
})

test('a step that spans many probes keeps the shortest and the longest round trip', async () => {
  const spread = device('spread')
  await using other = await startApi(stores, inventoryOf(spread))
  const samples = [0.001, 0.2, 0.03].map((rtt, index) => ping(spread, slot(90 + index * 10), rtt))
  await feed(stores.victoriaMetrics, samples)
  const { body } = await other.get('/api/v1/devices/spread/history?range=7d')
  const { series } = historySchema.parse(body)
  const lastOf = (points: (readonly [string, number | null])[]) => points.at(-1)?.[1]

  expect(lastOf(series.rtt_min_ms)).toBe(1)
  expect(lastOf(series.rtt_max_ms)).toBe(200)
  expect(lastOf(series.rtt_ms)).toBe(77)
})

test('F9 thirteen months are told in bounded time and in no more points', async () => {
  const STEP_MINUTES = 5 // as often as states are said again
  const old = device('old', { ping: { ...edge.ping, intervalMs: STEP_MINUTES * 60_000 } })
  await using other = await startApi(stores, inventoryOf(old))
  const minutes = 396 * 1_440
  let samples: Sample[] = []
  for (let minute = 0; minute < minutes; minute += STEP_MINUTES) {
    samples.push(ping(old, minutesAgo(minute), 0.01))
    samples.push(state('old', true, minutesAgo(minutes), minutesAgo(minute)))
    if (samples.length < 50_000) continue
    await feed(stores.victoriaMetrics, samples)
    samples = []
  }
  await feed(stores.victoriaMetrics, samples)
  const startedAt = performance.now()
  const answer = await other.get('/api/v1/devices/old/history?range=13mo')
  const tookMs = performance.now() - startedAt

  const { series, step_seconds } = historySchema.parse(answer.body)
  expect(step_seconds).toBe(86_400)
  expect(series.rtt_ms).toHaveLength(396)
  expect(series.rtt_ms.filter(([, value]) => value === null)).toEqual([])
  expect(tookMs).toBeLessThan(10_000)
})
