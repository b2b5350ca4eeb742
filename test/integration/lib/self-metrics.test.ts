import { expect, test } from 'vitest'
import { systemClock } from '../../../lib/clock.ts'
import { encodeLine } from '../../../lib/line-protocol.ts'
import { Counter, Gauge, Histogram, createRegistry, setBuildInfo } from '../../../lib/metrics.ts'
import { pushOwnMetrics } from '../../../lib/self-metrics.ts'
import { startStores } from '../../stores.ts'
import { waitFor } from '../../wait.ts'

test('own metrics are found in VictoriaMetrics under the names of /metrics, with the instance', async () => {
  await using stores = await startStores()
  const registry = createRegistry()
  setBuildInfo(registry, 'collector', '1.2.3')
  const registers = [registry]
  new Counter({
    name: 'wardline_samples_due_total',
    help: 'x',
    labelNames: ['kind'],
    registers,
  }).inc({ kind: 'ping' }, 7)
  new Gauge({ name: 'wardline_undefined', help: 'x', registers }).set(Number.NaN)
  new Histogram({ name: 'wardline_took_seconds', help: 'x', buckets: [1], registers }).observe(0.5)
  new Gauge({ name: 'other_metric', help: 'x', registers }).set(1)

  const stop = new AbortController()
  const writes: Promise<void>[] = []
  const pushing = pushOwnMetrics(
    {
      registry,
      instance: 'tbilisi-1, "main"',
      write: (samples) => {
        const lines = samples.map(encodeLine).filter((line) => line !== '')
        writes.push(stores.victoriaMetrics.writeLines(lines.join('\n')))
      },
      clock: systemClock,
    },
    stop.signal,
  )
  await waitFor(() => writes.length > 0, { what: 'the first push' })
  stop.abort()
  await Promise.all([pushing, ...writes])
  await stores.victoriaMetrics.flush()

  const rows = await stores.victoriaMetrics.query('{instance!=""}')
  expect(new Set(rows.map(({ labels }) => labels['instance']))).toEqual(
    new Set(['tbilisi-1, "main"']),
  )
  const found = rows.map(({ labels, value }) => {
    const { __name__: name, ...own } = labels
    const others = Object.entries(own).filter(([label]) => label !== 'instance')
    return [name, Object.fromEntries(others), value]
  })
  expect(found.sort(([one], [other]) => `${one}`.localeCompare(`${other}`))).toEqual([
    ['wardline_build_info', { component: 'collector', version: '1.2.3' }, 1],
    ['wardline_samples_due_total', { kind: 'ping' }, 7],
    ['wardline_took_seconds_bucket', { le: expect.any(String) }, 1],
    ['wardline_took_seconds_bucket', { le: expect.any(String) }, 1],
    ['wardline_took_seconds_count', {}, 1],
    ['wardline_took_seconds_sum', {}, 0.5],
  ])
})
