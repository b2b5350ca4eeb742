import { type Registry, Summary, metricsOf } from '../lib/metrics.ts'
import type { RuleOutcome } from './evaluate.ts'
import { type RuleGroup, isAlertRule } from './rule.ts'
import { ruleId } from './rule-id.ts'

/** The metrics of vmalert under its own names and labels: its dashboards and alerts work with them. */
export type VmalertMetrics = {
  evaluated(group: RuleGroup, seconds: number): void
  missed(group: RuleGroup, count: number): void
  ruleEvaluated(group: RuleGroup, outcome: RuleOutcome): void
  ended(group: RuleGroup): void
  stored(samples: number): void
  dropped(samples: number): void
}

const GROUP = ['group', 'file'] as const
const ALERT = ['alertname', 'group', 'file', 'id'] as const
const RECORD = ['recording', 'group', 'file', 'id'] as const

export function createVmalertMetrics(registry: Registry): VmalertMetrics {
  const { gauge, counter } = metricsOf(registry)
  const iterations = counter('vmalert_iteration_total', 'Evaluations of a group', GROUP)
  const missed = counter('vmalert_iteration_missed_total', 'Evaluations that were skipped', GROUP)
  const interval = gauge('vmalert_iteration_interval_seconds', 'Interval of a group', GROUP)
  const limit = gauge('vmalert_group_rule_results_limit', 'Limit of a group; 0: none', GROUP)
  const duration = new Summary({
    name: 'vmalert_iteration_duration_seconds',
    help: 'How long evaluations of a group took',
    labelNames: GROUP,
    percentiles: [0.5, 0.9, 0.97, 0.99, 1],
    maxAgeSeconds: 300,
    ageBuckets: 5,
    registers: [registry],
  })
  const executions = counter('vmalert_execution_total', 'Evaluations of rules', [])
  const failures = counter('vmalert_execution_errors_total', 'Evaluations of rules that failed', [])
  const fired = counter('vmalert_alerts_fired_total', 'Alerts that began to fire', [])
  const pending = gauge('vmalert_alerts_pending', 'Pending alerts of a rule', ALERT)
  const firing = gauge('vmalert_alerts_firing', 'Firing alerts of a rule', ALERT)
  const rows = counter('vmalert_remotewrite_sent_rows_total', 'Samples that were stored', [])
  const lost = counter('vmalert_remotewrite_dropped_rows_total', 'Samples that were given up', [])
  const alerting = rulesMetrics('alerting', ALERT)
  const recording = rulesMetrics('recording', RECORD)

  function rulesMetrics<L extends string>(kind: string, labels: readonly L[]) {
    const prefix = `vmalert_${kind}_rules_`
    const errors = counter(`${prefix}errors_total`, 'Evaluations of a rule that failed', labels)
    const last = `${prefix}last_evaluation_`
    const results = gauge(`${last}samples`, 'Results of the last evaluation', labels)
    const series = gauge(`${last}series_fetched`, "Series it looked at; -1: it isn't told", labels)
    return {
      told(of: Record<L, string>, error: Error | null, samples: number, fetched: number) {
        errors.inc(of, error === null ? 0 : 1)
        results.set(of, samples)
        series.set(of, fetched)
      },
      remove(of: Record<L, string>) {
        for (const metric of [errors, results, series]) metric.remove(of)
      },
    }
  }

  return {
    evaluated(group, seconds) {
      const labels = groupLabels(group)
      iterations.inc(labels)
      duration.observe(labels, seconds)
      interval.set(labels, group.intervalMs / 1000)
      limit.set(labels, group.limit ?? 0)
    },
    missed(group, count) {
      missed.inc(groupLabels(group), count)
    },
    ruleEvaluated(group, { rule, id, error, samples, seriesFetched, alerts, fired: began }) {
      executions.inc()
      if (error !== null) failures.inc()
      fired.inc(began)
      // What needs no series, such as `0.95`, has a result all the same.
      const fetched = seriesFetched === null ? -1 : Math.max(seriesFetched, Math.min(samples, 1))
      if (isAlertRule(rule)) {
        const labels = { alertname: rule.alert, ...groupLabels(group), id }
        alerting.told(labels, error, samples, fetched)
        pending.set(labels, alerts.filter(({ state }) => state === 'pending').length)
        firing.set(labels, alerts.filter(({ state }) => state === 'firing').length)
      } else {
        const labels = { recording: rule.record, ...groupLabels(group), id }
        recording.told(labels, error, samples, fetched)
      }
    },
    ended(group) {
      const labels = groupLabels(group)
      for (const metric of [iterations, missed, interval, limit, duration]) metric.remove(labels)
      for (const rule of group.rules) {
        const id = ruleId(group, rule)
        if (isAlertRule(rule)) {
          const own = { alertname: rule.alert, ...labels, id }
          alerting.remove(own)
          for (const metric of [pending, firing]) metric.remove(own)
        } else recording.remove({ recording: rule.record, ...labels, id })
      }
    },
    stored: (samples) => rows.inc(samples),
    dropped: (samples) => lost.inc(samples),
  }
}

const groupLabels = ({ name, file }: RuleGroup): { group: string; file: string } => ({
  group: name,
  file,
})
