import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { VictoriaMetricsError } from '../../../../lib/victoriametrics.ts'
import { settle } from '../../../fakes/clock.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { vectorsOf } from '../fleet-vectors.ts'
import { type Stand, standOver } from '../stand.ts'

const devices = Array.from({ length: 1_200 }, (_, index) => device(`d${index}`))
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

function read(cut = () => {}): Reading {
  const body = stand.hub.connect(cut)
  if (body === null) throw new Error('there is room')
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

test('a heartbeat comes every 15 s', async () => {
  const reading = read()
  await stand.clock.advance(46_000)

  expect(reading.text.match(/^: heartbeat$/gm)).toHaveLength(3)
})

test('a reader that is too slow is cut, the others go on', async () => {
  const cut = vi.fn<() => void>()
  stand.hub.connect(cut)
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
