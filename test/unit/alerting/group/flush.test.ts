import { expect, test } from 'vitest'
import { createSharedFlush } from '../../../../alerting/group/flush.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from '../../../../lib/victoriametrics.ts'

const SECOND = 1_000

/** A shared flush over a VictoriaMetrics that is away while `isAway`. */
function stand() {
  const state = { now: 100 * SECOND, isAway: false, flushes: 0 }
  const victoriaMetrics = {
    async flush() {
      state.flushes++
      if (state.isAway) throw new VictoriaMetricsError('away', 'unreachable')
      return true
    },
  } as VictoriaMetrics
  const clock = { now: () => state.now, sleepUntil: async () => {} }
  return { state, flush: createSharedFlush(victoriaMetrics, clock) }
}

test('groups whose turns come together share one flush', async () => {
  const { state, flush } = stand()
  await Promise.all([flush(state.now), flush(state.now - 1), flush(state.now)])
  expect(state.flushes).toBe(1)
})

test('a flush in vain is none: the next one asks anew, also of an instant long before it', async () => {
  const { state, flush } = stand()
  state.isAway = true
  await expect(flush(state.now)).rejects.toThrow('away')
  state.isAway = false
  state.now += 15 * SECOND
  await flush(state.now - 300 * SECOND)
  expect(state.flushes).toBe(2)
})

test('a clock that is set back does not do away with flushes', async () => {
  const { state, flush } = stand()
  await flush(state.now)
  state.now -= 60 * SECOND
  await flush(state.now)
  expect(state.flushes).toBe(2)
})
