import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSteadyClock } from '../../../lib/steady-clock.ts'
import { VictoriaMetricsError } from '../../../lib/victoriametrics.ts'
import { recordLog } from '../../fakes/log.ts'

const T = Date.UTC(2026, 10, 23, 12)
const MINUTE = 60_000

/**
 * A machine that is right at first, and its VictoriaMetrics. `pass` lets that much time go by, in which the clock's questions
 * are asked and answered.
 */
function machine({ vmOffMs = 0, isAway = false, answerMs = 0 } = {}) {
  const state = { now: T, offMs: 0, vmOffMs, isAway, answerMs }
  const sleepers: { at: number; wake: () => void }[] = []
  const sleep = (ms: number) =>
    new Promise<void>((wake) => void sleepers.push({ at: state.now + ms, wake }))
  const log = recordLog()
  const stopping = new AbortController()
  const clock = createSteadyClock(
    {
      victoriaMetrics: {
        async date() {
          if (state.isAway) throw new VictoriaMetricsError('away', 'unreachable')
          const date = Math.floor((state.now + state.vmOffMs) / 1000) * 1000
          if (state.answerMs > 0) await sleep(state.answerMs)
          return date
        },
      },
      log: log.log,
      wall: () => state.now + state.offMs,
      monotonic: () => state.now - T + 1_234.5,
      pause: sleep,
    },
    stopping.signal,
  )
  const settle = async () => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
  }
  return {
    state,
    clock,
    lines: () => log.lines.map(({ msg }) => msg),
    /** By how much what it tells differs from the time that it is. */
    get errorMs() {
      return clock.now() - state.now
    },
    stop: () => stopping.abort(),
    async pass(ms: number) {
      const until = state.now + ms
      clock.now()
      await settle()
      for (;;) {
        const [next] = sleepers.toSorted((a, b) => a.at - b.at)
        if (next === undefined || next.at > until) break
        sleepers.splice(sleepers.indexOf(next), 1)
        state.now = next.at
        next.wake()
        await settle()
      }
      state.now = until
      clock.now()
      await settle()
    },
  }
}

describe('the clock that services go by (B5)', () => {
  test('is the machine’s to the millisecond while nobody sets it', async () => {
    const { state, clock, pass, lines } = machine()
    for (let turn = 0; turn < 100; turn++) {
      await pass(777)
      expect(clock.now()).toBe(state.now)
    }
    expect(lines()).toEqual([])
  })

  test.each([
    ['32 s ahead', 32_000],
    ['5 minutes ahead', 5 * MINUTE],
    ['an hour behind', -60 * MINUTE],
    ['3 s ahead', 3_000],
  ])('does not follow it when that is set %s, from the first look on', async (_, offMs) => {
    const m = machine()
    await m.pass(10_300)
    m.state.offMs = offMs
    expect(m.errorMs).toBe(0)
    for (let turn = 0; turn < 100; turn++) {
      await m.pass(1_000)
      expect(Math.abs(m.errorMs)).toBeLessThanOrEqual(1)
      expect(Number.isInteger(m.clock.now())).toBe(true)
    }
    m.state.offMs = 0
    expect(m.errorMs).toBe(0)
    expect(m.lines()).toEqual([
      expect.stringContaining('was set wrong'),
      "this machine's clock is right again",
    ])
  })

  test.each([
    ['3 s behind, set right', -3_000],
    ['an hour behind, as after a sleep', -60 * MINUTE],
    ['5 minutes ahead', 5 * MINUTE],
  ])('follows one that was wrong (%s) as soon as VictoriaMetrics says so', async (_, wrongMs) => {
    const m = machine()
    m.state.offMs = wrongMs
    const started = createFrom(m, wrongMs)
    m.state.offMs = 0
    await started.pass(10)
    expect(started.errorMs).toBe(0)
    expect(started.lines()).toEqual(["this machine's clock was set: it is followed"])
  })

  test('follows the machine where VictoriaMetrics’ clock agrees with neither', async () => {
    const m = machine({ vmOffMs: 20 * MINUTE })
    m.state.offMs = 10_000
    await m.pass(10)
    expect(m.errorMs).toBe(10_000)
  })

  test('a step of less than 2 s is followed without a question', async () => {
    const m = machine({ isAway: true })
    m.state.offMs = 1_900
    expect(m.errorMs).toBe(1_900)
    expect(m.lines()).toEqual([])
  })

  test('while VictoriaMetrics is away time goes on as it did, for a minute; then the machine is believed, until it answers', async () => {
    const m = machine({ isAway: true })
    m.state.offMs = 30_000
    await m.pass(59_000)
    expect(Math.abs(m.errorMs)).toBeLessThanOrEqual(1)
    await m.pass(2_000)
    expect(m.errorMs).toBe(30_000)
    m.state.isAway = false
    await m.pass(1_500)
    expect(Math.abs(m.errorMs)).toBeLessThanOrEqual(1)
  })

  test('an answer that took so long that it allows for both decides nothing', async () => {
    const m = machine({ answerMs: 9_000 })
    m.state.offMs = 5_000
    await m.pass(20_000)
    expect(Math.abs(m.errorMs)).toBeLessThanOrEqual(1)
    m.state.answerMs = 0
    await m.pass(15_000)
    expect(m.lines()).toEqual([expect.stringContaining('was set wrong')])
  })

  test('held for long, it keeps within a second of VictoriaMetrics’', async () => {
    const m = machine()
    m.state.offMs = 30_000
    await m.pass(100)
    // As if the monotonic clock were slow by that much meanwhile.
    m.state.vmOffMs = 10_000
    await m.pass(16_000)
    expect(m.errorMs).toBeGreaterThan(8_900)
    expect(m.errorMs).toBeLessThanOrEqual(10_000)
  })

  test('sleeps until an instant of its own time', async () => {
    const m = machine()
    m.state.offMs = 60 * MINUTE
    const begun = performance.now()
    await m.clock.sleepUntil(m.state.now + 20, new AbortController().signal)
    expect(performance.now() - begun).toBeLessThan(10_000)
    await m.clock.sleepUntil(m.state.now - 1, new AbortController().signal)
  })

  test('with VictoriaMetrics there it is off for no longer than a second, however it is set and set again', async () => {
    const step = fc.record({
      // Less than 2 s is followed, and so is the next.
      offMs: fc.integer({ min: 4_000, max: 600_000 }).chain((ms) => fc.constantFrom(ms, -ms, 0)),
      lastsMs: fc.integer({ min: 500, max: 90_000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const m = machine()
        for (const { offMs, lastsMs } of steps) {
          m.state.offMs = offMs
          await m.pass(lastsMs)
          expect(Math.abs(m.errorMs)).toBeLessThan(2)
        }
        m.state.offMs = 0
        await m.pass(1_100)
        expect(Math.abs(m.errorMs)).toBeLessThan(2)
        m.stop()
      }),
      { numRuns: 200 },
    )
  })
})

/** One whose service starts while the clock is off. */
function createFrom(m: ReturnType<typeof machine>, wrongMs: number) {
  const log = recordLog()
  const clock = createSteadyClock(
    {
      victoriaMetrics: { date: async () => Math.floor(m.state.now / 1000) * 1000 },
      log: log.log,
      wall: () => m.state.now + m.state.offMs,
      monotonic: () => m.state.now - T,
      pause: () => new Promise(() => {}),
    },
    new AbortController().signal,
  )
  expect(clock.now() - m.state.now).toBe(wrongMs)
  return {
    lines: () => log.lines.map(({ msg }) => msg),
    get errorMs() {
      return clock.now() - m.state.now
    },
    async pass(ms: number) {
      clock.now()
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      m.state.now += ms
    },
  }
}
