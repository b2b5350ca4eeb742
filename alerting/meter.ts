import { type Registry, metricsOf } from '../lib/metrics.ts'
import type { RuleOutcome } from './evaluate.ts'
import { type RuleGroup, ruleName } from './rule.ts'
import { createVmalertMetrics } from './vmalert-meter.ts'

/** What alerting tells of its work on /metrics, under wardline's names and under vmalert's. */
export type AlertingMetrics = {
  evaluated(group: RuleGroup, seconds: number, at: number): void
  missed(group: RuleGroup, count: number): void
  ruleEvaluated(group: RuleGroup, outcome: RuleOutcome): void
  alerts(group: RuleGroup, counts: { pending: number; firing: number }): void
  /** A group is evaluated no more. */
  ended(group: RuleGroup): void
  sent(receiver: string, outcome: string): void
  stored(samples: number, at: number): void
  dropped(samples: number, reason: string): void
  waiting(bytes: number): void
}

export function createAlertingMetrics(registry: Registry): AlertingMetrics {
  const { gauge, counter } = metricsOf(registry)
  const vmalert = createVmalertMetrics(registry)

  const seconds = gauge('wardline_evaluation_seconds', 'How long the last evaluation took', [
    'group',
    'file',
  ])
  const missed = counter(
    'wardline_evaluations_missed_total',
    'Evaluations skipped because one before lasted too long',
    ['group', 'file'],
  )
  const errors = counter('wardline_rule_errors_total', 'Evaluations of a rule that failed', [
    'group',
    'file',
    'rule',
  ])
  const skipped = counter(
    'wardline_rule_results_skipped_total',
    "Results of a rule that were left out: they can't be, or are more than the group's limit",
    ['group', 'file', 'rule'],
  )
  const alerts = gauge('wardline_alerts', 'Alerts by state', ['group', 'file', 'state'])
  const sent = counter('wardline_notifications_total', 'Tries to hand a notification over', [
    'receiver',
    'outcome',
  ])
  const success = gauge(
    'wardline_loop_last_success_timestamp_seconds',
    'When a loop last did its work',
    ['loop'],
  )
  const dropped = counter('wardline_samples_dropped_total', 'Samples given up', ['reason'])
  const waiting = gauge(
    'wardline_writer_buffer_bytes',
    'Encoded samples that wait for VictoriaMetrics',
    [],
  )
  return {
    evaluated(group, took, at) {
      seconds.set(labelsOf(group), took)
      success.set({ loop: loopOf(group) }, at / 1000)
      vmalert.evaluated(group, took)
    },
    missed(group, count) {
      missed.inc(labelsOf(group), count)
      vmalert.missed(group, count)
    },
    ruleEvaluated(group, outcome) {
      const labels = { ...labelsOf(group), rule: ruleName(outcome.rule) }
      if (outcome.failed) errors.inc(labels)
      if (outcome.skipped > 0) skipped.inc(labels, outcome.skipped)
      vmalert.ruleEvaluated(group, outcome)
    },
    alerts(group, { pending, firing }) {
      alerts.set({ ...labelsOf(group), state: 'pending' }, pending)
      alerts.set({ ...labelsOf(group), state: 'firing' }, firing)
    },
    ended(group) {
      seconds.remove(labelsOf(group))
      for (const state of ['pending', 'firing']) alerts.remove({ ...labelsOf(group), state })
      success.remove({ loop: loopOf(group) })
      vmalert.ended(group)
    },
    sent: (receiver, outcome) => sent.inc({ receiver, outcome }),
    stored(samples, at) {
      success.set({ loop: 'rule-writer' }, at / 1000)
      vmalert.stored(samples)
    },
    dropped(samples, reason) {
      dropped.inc({ reason }, samples)
      vmalert.dropped(samples)
    },
    waiting: (bytes) => waiting.set(bytes),
  }
}

/** Names of groups are unique within a file only. */
const labelsOf = ({ name, file }: RuleGroup): { group: string } | { group: string; file: string } =>
  file === '' ? { group: name } : { group: name, file }

const loopOf = ({ name, file }: RuleGroup): string =>
  file === '' ? `group:${name}` : `group:${file}:${name}`
