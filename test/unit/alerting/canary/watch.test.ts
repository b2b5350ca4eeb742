import { describe, expect, test } from 'vitest'
import type { Alert } from '../../../../alerting/alert.ts'
import { createCanaryWatch } from '../../../../alerting/canary/watch.ts'
import { manualClock, settle } from '../../../fakes/clock.ts'
import { recordLog } from '../../../fakes/log.ts'

const SECOND = 1_000
const MINUTE = 60_000
/** A minute before the canary's turn. */
const START = Date.UTC(2026, 2, 1, 11, 59)
const DOWN = START + MINUTE
const UP = DOWN + 10 * SECOND

async function startWatch() {
  const clock = manualClock(START)
  const stop = new AbortController()
  const { log } = recordLog()
  let alerts: readonly Alert[] = []
  const took: [boolean, number][] = []
  const lost: boolean[] = []
  const watch = createCanaryWatch({
    intervalMs: 5 * MINUTE,
    meter: {
      arrived: ({ up }, seconds) => void took.push([up, seconds]),
      lost: (isLost) => void lost.push(isLost),
    },
    clock,
    log,
  })
  const running = watch.run((given) => void (alerts = given), stop.signal)
  await settle()
  return {
    took,
    lost,
    fires: () => alerts.some(({ state }) => state === 'firing'),
    alert: () => alerts[0],
    until: (at: number) => clock.advance(at - clock.now()),
    set: clock.set,
    async arrives(at: number, up: boolean) {
      watch.arrived([{ at, up }])
      await settle()
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new Error('the test ends'))
      await running
    },
  }
}

describe('the watch over the canary (D3)', () => {
  test('measures how long a flip takes to come out, and says nothing while they do', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN + 6 * SECOND)
    await watch.arrives(DOWN, false)
    await watch.until(UP + 2 * SECOND)
    await watch.arrives(UP, true)
    expect(watch.took).toEqual([
      [false, 6],
      [true, 2],
    ])
    await watch.until(DOWN + 4 * MINUTE)
    expect(watch.fires()).toBe(false)
  })

  test('raises CanaryLost 30 s after a flip that did not come out, and since that flip', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN + 29 * SECOND)
    expect(watch.fires()).toBe(false)
    await watch.until(DOWN + 30 * SECOND)
    expect(watch.alert()).toMatchObject({
      state: 'firing',
      startsAt: DOWN,
      labels: { alertname: 'CanaryLost', severity: 'critical' },
    })
  })

  test('raises it when only the end of an outage does not come out', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN + 6 * SECOND)
    await watch.arrives(DOWN, false)
    await watch.until(UP + 30 * SECOND)
    expect(watch.alert()).toMatchObject({ state: 'firing', startsAt: UP })
  })

  test('ends it with the next flip that comes out; one that comes late ends it too', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN + 50 * SECOND)
    expect(watch.fires()).toBe(true)
    await watch.arrives(DOWN, false)
    expect(watch.fires()).toBe(false)
    expect(watch.lost).toEqual([false, true, false])
    expect(watch.took).toEqual([[false, 50]])
  })

  test('keeps one alert over many lost flips', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN + 17 * MINUTE)
    expect(watch.alert()).toMatchObject({ state: 'firing', startsAt: DOWN })
    await watch.until(DOWN + 20 * MINUTE + 6 * SECOND)
    await watch.arrives(DOWN + 20 * MINUTE, false)
    expect(watch.fires()).toBe(false)
  })

  test('counts a flip that is told of again once', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN + 6 * SECOND)
    await watch.arrives(DOWN, false)
    await watch.until(DOWN + 8 * SECOND)
    await watch.arrives(DOWN, false)
    expect(watch.took).toHaveLength(1)
  })

  test('owes nothing of a flip from before it began', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN - SECOND)
    expect(watch.fires()).toBe(false)
  })

  test('waits for the next flip by a clock that was set back', async () => {
    await using watch = await startWatch()
    await watch.until(DOWN + 6 * SECOND)
    await watch.arrives(DOWN, false)
    await watch.until(UP + 2 * SECOND)
    await watch.arrives(UP, true)
    watch.set(START - 60 * MINUTE)
    await watch.until(START - 60 * MINUTE + 6 * MINUTE)
    expect(watch.fires()).toBe(true)
  })
})
