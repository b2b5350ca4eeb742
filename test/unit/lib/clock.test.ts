import { describe, expect, test } from 'vitest'
import { type Clock, isAbort, systemClock } from '../../../lib/clock.ts'
import { manualClock } from '../../fakes/clock.ts'

const never = new AbortController().signal

/** How each clock is made to go on: the system's does by itself. */
const CLOCKS: readonly [string, () => { clock: Clock; pass: (ms: number) => Promise<void> }][] = [
  [
    'the system clock',
    () => ({ clock: systemClock, pass: (ms) => new Promise((done) => setTimeout(done, ms)) }),
  ],
  [
    'the manual clock',
    () => {
      const clock = manualClock(Date.UTC(2026, 0, 1))
      return { clock, pass: (ms) => clock.advance(ms) }
    },
  ],
]

describe.each(CLOCKS)('%s', (_, start) => {
  test('gives Unix milliseconds that go on', async () => {
    const { clock, pass } = start()
    const before = clock.now()
    await pass(20)
    expect(clock.now() - before).toBeGreaterThanOrEqual(19)
    expect(before).toBeGreaterThan(Date.UTC(2025, 0, 1))
    expect(Number.isInteger(before)).toBe(true)
  })

  test.each([0, -1, -3_600_000])('a sleep until %i ms from now ends at once', async (ms) => {
    const { clock } = start()
    await clock.sleepUntil(clock.now() + ms, never)
  })

  test('a sleep is over when its instant has come, never before it', async () => {
    const { clock, pass } = start()
    const woken = Array.from({ length: 20 }, async (_, index) => {
      const at = clock.now() + 5 + index
      await clock.sleepUntil(at, never)
      return clock.now() - at
    })
    await pass(60)
    expect(Math.min(...(await Promise.all(woken)))).toBeGreaterThanOrEqual(0)
  })

  test('sleeps end in the order of their instants', async () => {
    const { clock, pass } = start()
    const order: string[] = []
    const now = clock.now()
    const sleep = (name: string, ms: number): Promise<void> =>
      clock.sleepUntil(now + ms, never).then(() => void order.push(name))
    const all = [sleep('third', 45), sleep('first', 5), sleep('second', 25)]
    await pass(60)
    await Promise.all(all)
    expect(order).toEqual(['first', 'second', 'third'])
  })

  test("an abort ends a sleep with the signal's reason", async () => {
    const { clock } = start()
    const stop = new AbortController()
    const sleeping = clock.sleepUntil(clock.now() + 60_000, stop.signal)
    const reason = new Error('enough')
    stop.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
  })

  test('a signal that aborted before lets nothing sleep', async () => {
    const { clock } = start()
    const reason = new Error('enough')
    const sleep = async (at: number): Promise<void> =>
      clock.sleepUntil(at, AbortSignal.abort(reason))
    await expect(sleep(clock.now() + 60_000)).rejects.toBe(reason)
    await expect(sleep(0)).rejects.toBe(reason)
  })
})

describe('the manual clock', () => {
  test('a frozen process wakes once for all that it slept over', async () => {
    const clock = manualClock(0)
    const woken: number[] = []
    for (const at of [1_000, 2_000, 9_000])
      void clock.sleepUntil(at, never).then(() => woken.push(clock.now()))
    await clock.freeze(5_000)
    expect(woken).toEqual([5_000, 5_000])
    expect(clock.sleepers).toBe(1)
  })

  test('a sleep goes on for as long as it had left when the clock is set', async () => {
    const clock = manualClock(10_000)
    let woken = false
    void clock.sleepUntil(11_000, never).then(() => (woken = true))
    clock.set(0)
    await clock.advance(999)
    expect(woken).toBe(false)
    await clock.advance(1)
    expect(woken).toBe(true)
    expect(clock.now()).toBe(1_000)
  })
})

describe('isAbort', () => {
  const aborted = AbortSignal.abort(new Error('enough'))
  test.each([
    ["the signal's reason", aborted.reason, aborted, true],
    ['an AbortError of another part', new DOMException('gone', 'AbortError'), aborted, true],
    ['an error beside the abort', new Error('broken'), aborted, false],
    ['a thrown nothing', undefined, aborted, false],
    ['an AbortError without an abort', new DOMException('gone', 'AbortError'), never, false],
  ])('%s', (_, error, signal, expected) => {
    expect(isAbort(error, signal)).toBe(expected)
  })
})
