import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createEngineClock } from '../../../../../../collector/snmp/protocol/v3/clock.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())
const pass = (seconds: number): void => void vi.advanceTimersByTime(seconds * 1000)

test('goes on from what the engine said', () => {
  const clock = createEngineClock({ boots: 5, time: 1_000 })
  pass(30.5)
  expect(clock.now()).toEqual({ boots: 5, time: 1_030 })
})

test('the first authentic message sets it, whatever discovery told', () => {
  const clock = createEngineClock({ boots: 900, time: 900_000 })
  expect(clock.isTimely({ boots: 5, time: 1_000 })).toBe(true)
  expect(clock.now()).toEqual({ boots: 5, time: 1_000 })
})

test.each([
  ['of the same time', { boots: 5, time: 1_000 }, true],
  ['150 seconds behind', { boots: 5, time: 850 }, true],
  ['further behind', { boots: 5, time: 849 }, false],
  ['far ahead', { boots: 5, time: 50_000 }, true],
  ['of a boot more', { boots: 6, time: 0 }, true],
  ['of a boot less', { boots: 4, time: 1_000 }, false],
  ['of the last boot of all', { boots: 2 ** 31 - 1, time: 1_000 }, false],
])('a message %s', (_what, said, isTimely) => {
  const clock = createEngineClock({ boots: 5, time: 1_000 })
  clock.isTimely({ boots: 5, time: 1_000 })
  expect(clock.isTimely(said)).toBe(isTimely)
})

test('an old message does not put it back, and time goes on without any', () => {
  const clock = createEngineClock({ boots: 5, time: 1_000 })
  clock.isTimely({ boots: 5, time: 1_000 })
  expect(clock.isTimely({ boots: 5, time: 900 })).toBe(true)
  expect(clock.now().time).toBe(1_000)
  pass(100)
  expect(clock.isTimely({ boots: 5, time: 900 })).toBe(false)
})

test('a clock that runs faster than ours is followed, one that stands still until it is too old', () => {
  const clock = createEngineClock({ boots: 5, time: 1_000 })
  for (let told = 1_000; told < 100_000; told += 700) {
    expect(clock.isTimely({ boots: 5, time: told })).toBe(true)
    pass(60)
  }
  const { time } = clock.now()
  pass(91)
  expect(clock.isTimely({ boots: 5, time: time - 60 })).toBe(false)
})

test('a time at its end is not told past it', () => {
  const clock = createEngineClock({ boots: 5, time: 2 ** 31 - 2 })
  pass(60)
  expect(clock.now()).toEqual({ boots: 5, time: 2 ** 31 - 1 })
})
