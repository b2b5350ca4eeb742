import { expect, test } from 'vitest'
import { createCanaryMetrics } from '../../../alerting/canary/meter.ts'
import { createAlertingMetrics } from '../../../alerting/meter.ts'
import { createDeliveryMetrics } from '../../../alerting/notify/meter.ts'
import { createReloadMetrics } from '../../../alerting/reload-meter.ts'
import { OWN_METRICS } from '../../../alerting/schema/own.ts'
import { createApiMeter } from '../../../api/meter.ts'
import { createCollectorMetrics } from '../../../collector/meter.ts'
import { createRegistry } from '../../../lib/metrics.ts'
import { createSpoolMetrics } from '../../../lib/spool/meter.ts'

type Registered = {
  readonly name: string
  readonly type: string
  readonly labelNames: readonly string[]
}

/** The series of all metrics that the services offer at /metrics, with the labels that they may have. */
function registered(): [name: string, labels: readonly string[]][] {
  const [collector, alerting, api] = [createRegistry(), createRegistry(), createRegistry()]
  const metrics = createCollectorMetrics(collector)
  createSpoolMetrics(collector)
  metrics.snmp()
  metrics.traps([])
  createAlertingMetrics(alerting)
  createReloadMetrics(alerting)
  createDeliveryMetrics(alerting)
  createCanaryMetrics(alerting)
  createApiMeter(api, { viewAgeSeconds: () => 0, streams: () => 0 })
  return [collector, alerting, api]
    .flatMap((registry) => registry.getMetricsAsArray() as unknown as Registered[])
    .filter(({ name }) => /^(wardline|vmalert)_/.test(name))
    .flatMap(seriesOf)
}

function seriesOf({ name, type, labelNames }: Registered): [string, readonly string[]][] {
  const parts: [string, readonly string[]][] = [
    [`${name}_sum`, labelNames],
    [`${name}_count`, labelNames],
  ]
  if (type === 'histogram') return [[`${name}_bucket`, [...labelNames, 'le']], ...parts]
  if (type === 'summary') return [[name, [...labelNames, 'quantile']], ...parts]
  return [[name, labelNames]]
}

const all = registered()

/** The schema is compared with docs/metrics.md in test/unit/alerting/schema/own.test.ts. */
test.each(all)('%s, which a service offers, is in the schema with its labels', (name, labels) => {
  expect(Object.keys(OWN_METRICS)).toContain(name)
  expect(OWN_METRICS[name as keyof typeof OWN_METRICS]).toEqual(expect.arrayContaining([...labels]))
})

test('all services offer something', () => {
  const names = all.map(([name]) => name)
  expect(names).toEqual(
    expect.arrayContaining([
      'wardline_slot_lag_seconds',
      'wardline_canary_lost',
      'wardline_view_age_seconds',
    ]),
  )
})
