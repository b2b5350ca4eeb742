import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ANYBODY, type Principal } from '../../../../api/auth/principal.ts'
import type { EventReader } from '../../../../api/events/hub.ts'
import { VictoriaMetricsError } from '../../../../lib/victoriametrics.ts'
import { settle } from '../../../fakes/clock.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { vectorsOf } from '../fleet-vectors.ts'
import { type Stand, standOver } from '../stand.ts'

const GORI = 1_100
const devices = Array.from({ length: 1_200 }, (_, index) =>
  device(`d${index}`, { branch: index < GORI ? 'Vake' : 'Gori' }),
)
const inGori: Principal = {
  name: 'nino',
  kind: 'user',
  role: 'operator',
  scope: { regions: [], branches: ['Gori'] },
}
const told = (up: number) =>
  vectorsOf(...devices.map(({ id }, index) => ({ id, up: index < up, sampleAgo: 0 })))

let stand: Stand
let ending: AbortController
let running: Promise<unknown>
beforeEach(async () => {
  stand = await standOver(inventoryOf(...devices), told(1_200))
  ending = new AbortController()
  running = Promise.all([stand.view.run(ending.signal), stand.hub.run(ending.signal)])
})
afterEach(async () => {
  ending.abort()
  await running
})

type Reading = { text: string; isOver: boolean; leave(): Promise<void> }

function read(of: Partial<EventReader> = {}): Reading {
  const body = stand.hub.connect({ principal: ANYBODY, address: '192.0.2.1', cut() {}, ...of })
  if (typeof body === 'string') throw new Error(`no room: ${body}`)
  const reader = body.getReader()
  const reading: Reading = { text: '', isOver: false, leave: () => reader.cancel() }
  const decoder = new TextDecoder()
  void (async () => {
    for (let turn = await reader.read(); !turn.done; turn = await reader.read()) {
      reading.text += decoder.decode(turn.value)
    }
    reading.isOver = true
  })()
  return reading
}
const eventsIn = ({ text }: Reading): string[] =>
  [...text.matchAll(/^event: (\w+)$/gm)].map(([, name = '']) => name)

test('few changes are told one by one, many as one reload', async () => {
  const reading = read()
  await stand.clock.advance(500)
  stand.answer = told(1_199)
  await stand.clock.advance(1_000)
  stand.answer = told(0)
  await stand.clock.advance(1_000)

  const names = eventsIn(reading).filter((name) => name === 'status' || name === 'reload')
  expect(names).toEqual(['status', 'reload'])
  expect(reading.text).toContain('"id":"d1199","name"')
})

test('stats come with every view, health only when it changes', async () => {
  const reading = read()
  await stand.clock.advance(3_500)
  stand.answer = new VictoriaMetricsError('gone', 'unreachable')
  await stand.clock.advance(10_000)

  const names = eventsIn(reading)
  expect(names.filter((name) => name === 'stats')).toHaveLength(4)
  expect(names.at(-1)).toBe('health')
  expect(reading.text).toContain('"reason":"gone"')
})

/** So many of all devices, from the first on, have been sampled lately. */
const sampled = (fresh: number) =>
  vectorsOf(
    ...devices.map(({ id }, index) => ({
      id,
      up: true,
      ...(index < fresh ? { sampleAgo: 0 } : {}),
    })),
  )
const healthIn = ({ text }: Reading): { status: string; reasons: string[] }[] =>
  [...text.matchAll(/^event: health\ndata: (.*)$/gm)].map(([, data = '']) => JSON.parse(data))

test('health in which a figure alone changes is told every 10 s, what is wrong at once', async () => {
  const reading = read()
  await stand.clock.advance(500)
  const before = healthIn(reading).length
  for (let second = 0; second < 22; second++) {
    stand.answer = sampled(1_000 - second)
    await stand.clock.advance(1_000)
  }

  const silent = healthIn(reading)
    .slice(before)
    .map(({ reasons }) => reasons.find((reason) => reason.includes('recent sample')))
  expect(silent).toEqual(
    [200, 210, 220].map((count) => `${count} of 1200 devices without a recent sample`),
  )
})

test('who comes while a figure of health changes is told no other than all have', async () => {
  const first = read()
  await stand.clock.advance(500)
  stand.answer = sampled(1_000)
  await stand.clock.advance(1_000)
  stand.answer = sampled(999)
  await stand.clock.advance(1_000)
  const second = read()
  await stand.clock.advance(100)

  expect(healthIn(second).at(-1)?.reasons).toEqual(healthIn(first).at(-1)?.reasons)
  expect(healthIn(second).at(-1)?.reasons).toContain('201 of 1200 devices without a recent sample')
})

test('H5: health speaks of as many devices as its reader sees', async () => {
  const part = read({ principal: inGori })
  await stand.clock.advance(500)
  stand.answer = sampled(1_150)
  await stand.clock.advance(1_000)

  expect(healthIn(part).at(-1)?.reasons).toContain('50 of 100 devices without a recent sample')
  expect(part.text).not.toContain('of 1200')
})

test('one address can’t take all streams: that is counted, and there is room for others', async () => {
  const nino: Principal = { ...inGori, scope: null }
  const mine = Array.from({ length: 4 }, () => read())
  expect(stand.hub.connect({ principal: ANYBODY, address: '192.0.2.1', cut() {} })).toBe('reader')
  const metrics = await (await stand.app.request('/metrics')).text()
  expect(metrics).toContain('wardline_event_streams_refused_total{reason="reader"} 1')
  read({ address: '192.0.2.2' })
  read({ principal: nino })
  expect(stand.hub.clients).toBe(6)

  await Promise.all(mine.map((each) => each.leave()))
  read()
  expect(stand.hub.clients).toBe(3)
})

test('whoever sees a part of the fleet is told of that part alone', async () => {
  const whole = read()
  const part = read({ principal: inGori })
  await stand.clock.advance(500)
  stand.answer = told(1_198)
  await stand.clock.advance(1_000)
  stand.answer = told(600)
  await stand.clock.advance(1_000)

  expect(part.text).not.toContain('"branch":"Vake"')
  expect(part.text).toContain('"id":"d1199"')
  expect(part.text).toContain('"total":100')
  expect(part.text).not.toContain('"total":1200')
  // Of 598 and of 98 devices that go down, each is told those it sees.
  expect(eventsIn(whole).filter((name) => name === 'status')).toHaveLength(2)
  expect(eventsIn(part).filter((name) => name === 'status')).toHaveLength(2)
})

test('what happens outside of what somebody sees is no event for them', async () => {
  const part = read({ principal: inGori })
  await stand.clock.advance(500)
  stand.answer = vectorsOf(
    ...devices.map(({ id }, index) => ({ id, up: index !== 5, sampleAgo: 0 })),
  )
  await stand.clock.advance(1_000)

  expect(eventsIn(part)).not.toContain('status')
})

test('who may no longer read is told nothing after the next heartbeat', async () => {
  const cut = vi.fn<() => void>()
  let isStill = true
  const reading = read({ cut, isStill: async () => isStill })
  await stand.clock.advance(16_000)
  expect(cut).not.toHaveBeenCalled()

  isStill = false
  await stand.clock.advance(16_000)

  expect(cut).toHaveBeenCalledTimes(1)
  expect(reading.isOver).toBe(true)
  expect(stand.hub.clients).toBe(0)
})

test('while it can’t be asked whether somebody may still read, they stay', async () => {
  read({ isStill: () => Promise.reject(new Error('Redis is away')) })
  await stand.clock.advance(31_000)

  expect(stand.hub.clients).toBe(1)
})

test('the first event names the page that is served', async () => {
  const reading = read()
  await stand.clock.advance(500)

  expect(eventsIn(reading)[0]).toBe('page')
})

test('a heartbeat comes every 15 s', async () => {
  const reading = read()
  await stand.clock.advance(46_000)

  expect(reading.text.match(/^: heartbeat$/gm)).toHaveLength(3)
})

test('a reader that is too slow is cut, the others go on', async () => {
  const cut = vi.fn<() => void>()
  stand.hub.connect({ principal: ANYBODY, address: '192.0.2.1', cut })
  const reading = read()
  for (let turn = 0; turn < 20 && cut.mock.calls.length === 0; turn++) {
    stand.answer = told(turn % 2 === 0 ? 400 : 1_200)
    await stand.clock.advance(1_000)
  }

  expect(cut).toHaveBeenCalledTimes(1)
  expect(stand.hub.clients).toBe(1)
  expect(reading.isOver).toBe(false)
})

test('when the last reader leaves the view rests', async () => {
  const reading = read()
  await stand.clock.advance(500)
  await reading.leave()
  await stand.clock.advance(10_000)
  const at = stand.view.last.view?.at
  await stand.clock.advance(10_000)

  expect(stand.hub.clients).toBe(0)
  expect(stand.view.last.view?.at).toBe(at)
})

test('at the end every stream ends', async () => {
  const reading = read()
  await stand.clock.advance(500)
  ending.abort()
  await running
  await settle()

  expect(reading.isOver).toBe(true)
})
