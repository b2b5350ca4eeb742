import { type Registry, metricsOf } from '../lib/metrics.ts'

export type AlertingMetrics = {
  evaluated(group: string, seconds: number, at: number): void
  missed(group: string, count: number): void
  ruleFailed(group: string, rule: string): void
  alerts(group: string, counts: { pending: number; firing: number }): void
  sent(receiver: string, outcome: string): void
  stored(samples: number, at: number): void
  dropped(samples: number, reason: string): void
  waiting(bytes: number): void
}

export function createAlertingMetrics(registry: Registry): AlertingMetrics {
  const { gauge, counter } = metricsOf(registry)

  const seconds = gauge('wardline_evaluation_seconds', 'How long the last evaluation took', [
    'group',
  ])
  const missed = counter(
    'wardline_evaluations_missed_total',
    'Evaluations skipped because one before lasted too long',
    ['group'],
  )
  const errors = counter('wardline_rule_errors_total', 'Evaluations of a rule that failed', [
    'group',
    'rule',
  ])
  const alerts = gauge('wardline_alerts', 'Alerts by state', ['group', 'state'])
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
      seconds.set({ group }, took)
      success.set({ loop: `group:${group}` }, at / 1000)
    },
    missed: (group, count) => missed.inc({ group }, count),
    ruleFailed: (group, rule) => errors.inc({ group, rule }),
    alerts(group, { pending, firing }) {
      alerts.set({ group, state: 'pending' }, pending)
      alerts.set({ group, state: 'firing' }, firing)
    },
    sent: (receiver, outcome) => sent.inc({ receiver, outcome }),
    stored: (_samples, at) => success.set({ loop: 'rule-writer' }, at / 1000),
    dropped: (samples, reason) => dropped.inc({ reason }, samples),
    waiting: (bytes) => waiting.set(bytes),
  }
}
