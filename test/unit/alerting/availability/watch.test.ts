import { describe, expect, test } from 'vitest'
import { createAvailabilityWatch } from '../../../../alerting/availability/watch.ts'
import type { VictoriaMetrics } from '../../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../../fakes/inventory.ts'
import { recordLog } from '../../../fakes/log.ts'

const T = Date.UTC(2026, 10, 22, 12, 0, 0)
const SECOND = 1_000
const HOUR = 3_600_000
const signal = new AbortController().signal
const { current: inventory } = inventoryOf(device('d'))

/** A watch over the samples of one device that a test lists, and what it asked for. */
function watchOver() {
  const samples: { at: number; up: boolean }[] = []
  const asked = { exports: 0, away: false }
  const victoriaMetrics = {
    async flush() {
      if (asked.away) throw new Error('away')
      return true
    },
    async query(expr: string, { at = 0 } = {}) {
      const gapMs = Number(/tfirst_over_time\(ping_up\{[^}]*\}\[(\d+)ms\]/.exec(expr)?.[1] ?? 0)
      const inGap = samples.filter((one) => one.at > at - gapMs && one.at <= at)
      const first = inGap.toSorted((a, b) => a.at - b.at)[0]
      return first === undefined ? [] : [{ labels: {}, value: first.at / 1000, at }]
    },
    async exportCsv(match: string, _columns: unknown, range: { start: number; end: number }) {
      if (match !== 'ping_up') return ''
      asked.exports++
      return samples
        .filter(({ at }) => at >= range.start && at <= range.end)
        .map(({ at, up }) => `${at},${Number(up)},d\n`)
        .join('')
    },
  }
  const log = recordLog()
  const watch = createAvailabilityWatch(victoriaMetrics as unknown as VictoriaMetrics, log.log)
  return {
    samples,
    asked,
    log,
    read: (at: number) => watch.read(inventory, at, signal),
  }
}

const every10s = (from: number, to: number, up: boolean) =>
  Array.from({ length: Math.ceil((to - from) / 10_000) }, (_, index) => ({
    at: from + index * 10_000,
    up,
  }))

describe('a clock that was set back an hour', () => {
  test('freezes no device at up: the next samples count (B5)', async () => {
    const { samples, read, log } = watchOver()
    samples.push(...every10s(T - 60 * SECOND, T, true))
    await read(T)

    const back = T - HOUR
    await read(back)
    samples.push(...every10s(back + SECOND, back + 60 * SECOND, false))
    const { fleet } = await read(back + 60 * SECOND)

    expect(fleet.statuses.get('d')).toBe('down')
    expect(fleet.evidence('d')?.state?.since).toBe(back + SECOND)
    expect(log.lines.some(({ msg }) => msg === 'the clock was set back')).toBe(true)
  })

  test('gives no outage a negative length (B5)', async () => {
    const { samples, read } = watchOver()
    samples.push(...every10s(T - 60 * SECOND, T, false))
    await read(T)

    const { fleet } = await read(T - HOUR)

    expect(fleet.evidence('d')?.state?.since).toBeLessThanOrEqual(T - HOUR)
  })
})

test('while nothing arrives a reading costs the same after a day as after an hour', async () => {
  const { samples, read, asked } = watchOver()
  samples.push(...every10s(T - 60 * SECOND, T, true))
  await read(T)
  const costs: number[] = []
  for (const hours of [1, 24, 24 * 7]) {
    const before = asked.exports
    await read(T + hours * HOUR)
    costs.push(asked.exports - before)
  }
  expect(costs).toEqual([0, 0, 0])

  const again = T + 24 * 8 * HOUR
  samples.push(...every10s(again, again + 30 * SECOND, false))
  const { fleet } = await read(again + 31 * SECOND)
  expect(fleet.statuses.get('d')).toBe('down')
  expect(fleet.evidence('d')?.state?.since).toBe(again)
})

test('after a reading that failed nobody is called late: nobody looked', async () => {
  const { read, asked } = watchOver()
  const first = await read(T)
  expect(first.fleet.watchedSince('d')).toBe(T)
  asked.away = true
  await expect(read(T + 20 * SECOND)).rejects.toThrow('away')
  asked.away = false
  const { fleet } = await read(T + 40 * SECOND)
  expect(fleet.watchedSince('d')).toBe(T + 40 * SECOND)
})
