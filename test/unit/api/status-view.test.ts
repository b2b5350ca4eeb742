import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  type StatusView,
  ViewUnavailableError,
  createStatusView,
} from '../../../api/status-view.ts'
import { buildView } from '../../../api/view/build.ts'
import { VictoriaMetricsError } from '../../../lib/victoriametrics.ts'
import { type ManualClock, manualClock, settle } from '../../fakes/clock.ts'
import { AT, emptyVectors } from './fleet-vectors.ts'

let clock: ManualClock
let asked: number[]
let answer: (at: number) => Promise<ReturnType<typeof buildView>>
let view: StatusView
let ending: AbortController
let running: Promise<void>

beforeEach(() => {
  clock = manualClock(AT)
  asked = []
  answer = async (at) => buildView(new Map(), emptyVectors, new Map(), at)
  view = createStatusView({
    clock,
    ask(at) {
      asked.push(at - AT)
      return answer(at)
    },
  })
  ending = new AbortController()
  running = view.run(ending.signal)
})
afterEach(async () => {
  ending.abort()
  await running
})

const refuse = async (): Promise<never> => {
  throw new VictoriaMetricsError('nobody there', 'unreachable')
}

test('nobody reads: nothing is asked', async () => {
  await clock.advance(60_000)

  expect(asked).toEqual([])
})

test('readers who come at once share one question', async () => {
  await Promise.all([view.current(), view.current(), view.current()])
  await settle()

  expect(asked).toEqual([0])
})

test('after a request the view is kept fresh for 5 s, then it rests', async () => {
  await view.current()
  await clock.advance(60_000)

  expect(asked.at(-1)).toBeLessThanOrEqual(6_000)
  expect(asked.length).toBeGreaterThanOrEqual(5)
})

test('while a stream is open the view is refreshed each second', async () => {
  const seen: number[] = []
  const stop = view.subscribe({ refreshed: ({ at }) => seen.push(at - AT), failed: () => {} })
  await clock.advance(3_500)
  stop()
  await clock.advance(60_000)

  expect(seen).toEqual([0, 1_000, 2_000, 3_000])
})

test('a hint refreshes at once; a burst of them no more than five times a second', async () => {
  view.subscribe({ refreshed: () => {}, failed: () => {} })
  await clock.advance(500)
  view.hint()
  await clock.advance(10)
  expect(asked).toEqual([0, 500])

  for (let burst = 0; burst < 10; burst++) {
    view.hint()
    await clock.advance(20)
  }

  expect(asked).toEqual([0, 500, 700])
})

test('a hint that comes while VictoriaMetrics is asked leads to another question', async () => {
  const slow = Promise.withResolvers<void>()
  answer = async (at) => {
    await slow.promise
    return buildView(new Map(), emptyVectors, new Map(), at)
  }
  view.subscribe({ refreshed: () => {}, failed: () => {} })
  await settle()
  view.hint()
  slow.resolve()
  await clock.advance(200)

  expect(asked).toEqual([0, 200])
})

test.each([
  ['is asked at once again, so that its view stays fresh', 1_500, [0, 1_500, 3_000, 4_500, 6_000]],
  ['and longer than a view is fresh is asked half of the time at most', 3_500, [0, 7_000]],
])('a fleet that takes long to ask %s', async (_, takesMs, at) => {
  answer = async (instant) => {
    await clock.sleepUntil(clock.now() + takesMs, ending.signal)
    return buildView(new Map(), emptyVectors, new Map(), instant)
  }
  view.subscribe({ refreshed: () => {}, failed: () => {} })
  await clock.advance(7_000)

  expect(asked).toEqual(at)
})

test('A4 what was seen is told for 5 s, then there is no answer but the reason', async () => {
  const first = await view.current()
  answer = refuse
  await clock.advance(4_900)
  expect(await view.current()).toBe(first)

  await clock.advance(200)

  await expect(view.current()).rejects.toThrow(ViewUnavailableError)
  await expect(view.current()).rejects.toMatchObject({ reason: 'unreachable' })
})

test('A4 a first view that cannot be had is no empty one', async () => {
  answer = refuse

  await expect(view.current()).rejects.toMatchObject({
    message: expect.stringContaining('nobody there'),
  })
})

test('listeners are told of failures, and of the view that follows', async () => {
  answer = refuse
  const failed = vi.fn<(error: Error) => void>()
  const refreshed = vi.fn<() => void>()
  view.subscribe({ refreshed, failed })
  await clock.advance(1_500)
  answer = async (at) => buildView(new Map(), emptyVectors, new Map(), at)
  await clock.advance(1_000)

  expect(failed).toHaveBeenCalledTimes(2)
  expect(refreshed).toHaveBeenCalledTimes(1)
  expect(view.last.error).toBeNull()
})
