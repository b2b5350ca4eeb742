import { afterAll, beforeAll, expect, test } from 'vitest'
import { device, inventoryOf } from '../../fakes/inventory.ts'
import { type Stores, startStores } from '../../stores.ts'
import { type RunningApi, feed, ping, slot, startApi } from './stand.ts'

const MINUTE = 60_000
const STEP = 2 * MINUTE
const gori = device('gori 1|2', { branch: 'Gori' })
const seldom = device('seldom', {
  ping: { intervalMs: 10 * MINUTE, count: 2, timeoutMs: 1_000, confirm: 3 },
})
const silent = device('silent')
/** The end of a step, that which is under way aside. */
const now = Math.floor(slot() / STEP) * STEP

let stores: Stores
let api: RunningApi
beforeAll(async () => {
  stores = await startStores()
  const minutes = Array.from({ length: 58 }, (_, index) => index + 1)
  await feed(stores.victoriaMetrics, [
    // Half an hour ago it answered in 20 ms, before that in 10; for four minutes not at all.
    ...minutes.map((ago) => ping(gori, now - ago * MINUTE, rttAt(ago))),
    ...[5, 15, 25].map((ago) => ping(seldom, now - ago * MINUTE, 0.03)),
  ])
  api = await startApi(stores, inventoryOf(gori, seldom, silent))
})
afterAll(async () => {
  await api?.[Symbol.asyncDispose]()
  await stores?.[Symbol.asyncDispose]()
})

function rttAt(minutesAgo: number): number | null {
  if (minutesAgo >= 41 && minutesAgo <= 44) return null
  return minutesAgo > 30 ? 0.01 : 0.02
}
const ask = (query: string) => api.get(`/api/v1/sparklines?${query}`)
const named = (...ids: string[]) => ids.map((id) => `device=${encodeURIComponent(id)}`).join('&')

test('H2 the last hour of several devices comes in thirty points each; who is silent has none', async () => {
  const { status, body } = await ask(named(gori.id, silent.id, 'nowhere'))

  expect(status).toBe(200)
  expect(Object.keys(body.devices)).toEqual([gori.id, silent.id])
  expect(body.step_seconds).toBe(120)
  const { rtt_ms: rtts, loss_ratio: losses } = body.devices[gori.id]
  expect(rtts).toHaveLength(30)
  const pointAt = (instant: number): number => 29 - (Date.parse(body.end) - instant) / STEP
  expect(rtts[pointAt(now - 10 * MINUTE)]).toBe(20)
  expect(rtts[pointAt(now - 50 * MINUTE)]).toBe(10)
  expect(rtts[pointAt(now - 42 * MINUTE)]).toBeNull()
  expect(losses[pointAt(now - 42 * MINUTE)]).toBe(1)
  expect(body.devices[silent.id].rtt_ms.every((each: unknown) => each === null)).toBe(true)
})

test('steps are as long as the longest interval: a device that is seldom probed is no line of gaps', async () => {
  const { body } = await ask(named(gori.id, seldom.id))

  expect(body.step_seconds).toBe(600)
  expect(body.devices[seldom.id].rtt_ms.filter((each: unknown) => each === 30)).toHaveLength(3)
})

test('a past instant has the hour before it, and nothing of later', async () => {
  const at = now - 40 * MINUTE
  const { body } = await ask(`${named(gori.id)}&at=${at / 1000}`)

  expect(Date.parse(body.end)).toBeLessThanOrEqual(at)
  const { rtt_ms: rtts } = body.devices[gori.id]
  expect(rtts.includes(20)).toBe(false)
  expect(rtts.slice(-2)).toEqual([null, 10])
  expect(rtts.filter((each: unknown) => each === 10).length).toBeGreaterThan(4)
})

test('more than a hundred are refused, and so is a parameter that there is not', async () => {
  const many = named(...Array.from({ length: 101 }, (_, index) => `d${index}`))

  expect((await ask(many)).body.detail).toContain('expected 100 ids at most')
  expect((await ask('devices=a')).body.detail).toContain('did you mean device?')
  expect((await ask('')).body.devices).toEqual({})
})
