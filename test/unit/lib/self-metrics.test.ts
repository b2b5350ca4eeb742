import { expect, test } from 'vitest'
import type { Sample } from '../../../lib/line-protocol.ts'
import { Gauge, createRegistry } from '../../../lib/metrics.ts'
import { pushOwnMetrics } from '../../../lib/self-metrics.ts'
import { manualClock, settle } from '../../fakes/clock.ts'

const NOON = Date.UTC(2026, 5, 1, 12)

test('own metrics are pushed at the start and every 10 s, on whole seconds, and no others', async () => {
  const registry = createRegistry()
  const gauge = new Gauge({ name: 'wardline_x', help: 'x', registers: [registry] })
  new Gauge({ name: 'nodejs_like', help: 'x', registers: [registry] }).set(1)
  gauge.set(1)
  const clock = manualClock(NOON + 345)
  const stop = new AbortController()
  const written: Sample[] = []
  const pushing = pushOwnMetrics(
    { registry, instance: 'tbilisi-1', write: (some) => void written.push(...some), clock },
    stop.signal,
  )
  await settle()
  gauge.set(2)
  await clock.advance(10_000)
  gauge.set(3)
  await clock.freeze(35_000)
  await clock.advance(10_000)
  stop.abort()
  await pushing
  expect(
    written.map(({ measurement, labels, fields, at }) => [
      measurement,
      labels,
      fields,
      (at - NOON) / 1000,
    ]),
  ).toEqual([
    ['', { instance: 'tbilisi-1' }, { wardline_x: 1 }, 0],
    ['', { instance: 'tbilisi-1' }, { wardline_x: 2 }, 10],
    ['', { instance: 'tbilisi-1' }, { wardline_x: 3 }, 45],
    ['', { instance: 'tbilisi-1' }, { wardline_x: 3 }, 55],
  ])
})
