import { expect, test } from 'vitest'
import { evaluateGroup } from '../../../alerting/evaluate.ts'
import { createVmalertMetrics } from '../../../alerting/vmalert-meter.ts'
import { Registry } from '../../../lib/metrics.ts'
import { answerOf, factsAt, groupOf, point } from './facts.ts'

const group = groupOf(
  [
    { alert: 'Down', expr: 'up == 0', annotations: {} },
    { alert: 'Slow', expr: 'slow', forMs: 60_000, annotations: {} },
    { alert: 'Broken', expr: 'broken(', annotations: {} },
    { record: 'branch:up', expr: 'sum' },
  ],
  { limit: 100 },
)

async function exposed(): Promise<{ text: string; end: () => Promise<string> }> {
  const registry = new Registry()
  const metrics = createVmalertMetrics(registry)
  const facts = factsAt(0, async (expr) => {
    if (expr === 'broken(') throw new Error('422')
    return { ...answerOf(point({ device: 'a' }), point({ device: 'b' })), seriesFetched: 876 }
  })
  const { rules } = await evaluateGroup(group, new Map(), facts)
  for (const outcome of rules) metrics.ruleEvaluated(group, outcome)
  metrics.evaluated(group, 0.25)
  metrics.missed(group, 3)
  metrics.stored(10)
  metrics.dropped(2)
  const end = () => {
    metrics.ended(group)
    return registry.metrics()
  }
  return { text: await registry.metrics(), end }
}

test('vmalert’s metrics under its names and labels', async () => {
  const { text } = await exposed()
  const plain = text.replaceAll(/,?id="\d+"/g, '')
  const of = 'group="g",file="g.yml"'
  for (const line of [
    `vmalert_iteration_total{${of}} 1`,
    `vmalert_iteration_missed_total{${of}} 3`,
    `vmalert_iteration_interval_seconds{${of}} 15`,
    `vmalert_iteration_duration_seconds{quantile="0.99",${of}} 0.25`,
    `vmalert_iteration_duration_seconds_count{${of}} 1`,
    `vmalert_group_rule_results_limit{${of}} 100`,
    'vmalert_execution_total 4',
    'vmalert_execution_errors_total 1',
    'vmalert_alerts_fired_total 2',
    `vmalert_alerts_firing{alertname="Down",${of}} 2`,
    `vmalert_alerts_pending{alertname="Slow",${of}} 2`,
    `vmalert_alerting_rules_errors_total{alertname="Broken",${of}} 1`,
    `vmalert_alerting_rules_errors_total{alertname="Down",${of}} 0`,
    `vmalert_alerting_rules_last_evaluation_samples{alertname="Down",${of}} 2`,
    `vmalert_alerting_rules_last_evaluation_series_fetched{alertname="Down",${of}} 876`,
    `vmalert_alerting_rules_last_evaluation_series_fetched{alertname="Broken",${of}} -1`,
    `vmalert_recording_rules_last_evaluation_samples{recording="branch:up",${of}} 2`,
    `vmalert_recording_rules_errors_total{recording="branch:up",${of}} 0`,
    'vmalert_remotewrite_sent_rows_total 10',
    'vmalert_remotewrite_dropped_rows_total 2',
  ])
    expect(plain.split('\n')).toContain(line)
})

test('of a group that is gone nothing is left', async () => {
  const { end } = await exposed()
  expect(await end()).not.toContain('group="g"')
})
