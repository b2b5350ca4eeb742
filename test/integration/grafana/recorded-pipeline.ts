import type { Sample } from '../../../lib/line-protocol.ts'

/** An hour of the services' own metrics, as they push them every ten seconds. */
export function ownMetrics(now: number): Sample[] {
  const samples: Sample[] = []
  const start = now - 3_600_000
  for (let at = start; at <= now; at += 10_000) {
    const seconds = (at - start) / 1000
    const push = (
      instance: string,
      labels: Record<string, string>,
      fields: Record<string, number>,
    ) => samples.push({ measurement: 'wardline', labels: { instance, ...labels }, fields, at })

    for (const kind of ['ping', 'snmp']) {
      push(
        'collector-1',
        { kind },
        {
          collector_targets: 30,
          collector_in_flight: 1,
          collector_due: 3,
          slots_missed_total: Math.floor(seconds / 900),
          slot_lag_seconds: 0.004,
          samples_due_total: seconds * 12,
          samples_made_total: seconds * 12,
        },
      )
    }
    push(
      'collector-1',
      {},
      {
        samples_stored_total: seconds * 24,
        samples_stored_ratio: 0.9995,
        writer_buffer_bytes: 20_000,
      },
    )
    push(
      'collector-1',
      { reason: 'buffer_full' },
      { samples_dropped_total: Math.floor(seconds / 1200) },
    )
    push('collector-1', {}, { snmp_rested_total: Math.floor(seconds / 60) })
    push('collector-1', { reason: 'late' }, { snmp_packets_dropped_total: seconds })
    push('collector-1', { device: 'sw-3' }, { snmp_poll_seconds: 0.9 })
    push('collector-1', {}, { traps_received_total: Math.floor(seconds / 30) })
    push('collector-1', { reason: 'sender' }, { traps_dropped_total: Math.floor(seconds / 60) })
    for (const loop of ['ping', 'snmp', 'traps', 'writer']) {
      push('collector-1', { loop }, { loop_last_success_timestamp_seconds: at / 1000 - 1 })
    }

    for (const group of ['availability', 'quality']) {
      push(
        'alerting-1',
        { group },
        {
          group_last_evaluation_timestamp_seconds: at / 1000,
          evaluation_seconds: 0.02,
          evaluations_missed_total: Math.floor(seconds / 1800),
        },
      )
      push(
        'alerting-1',
        { loop: `group:${group}` },
        {
          loop_last_success_timestamp_seconds: at / 1000 - 2,
        },
      )
    }
    push(
      'alerting-1',
      { group: 'quality', rule: 'HighLatency' },
      {
        rule_errors_total: Math.floor(seconds / 1800),
        rule_results_skipped_total: Math.floor(seconds / 1800),
      },
    )
    push('', { component: 'alerting' }, { availability_watermark_seconds: at / 1000 })
    push('alerting-1', { group: 'availability', state: 'firing' }, { alerts: 6 })
    for (const outcome of ['accepted', 'failed', 'given_up']) {
      const total = Math.floor(seconds / 600)
      push('alerting-1', { receiver: 'ops', outcome }, { notifications_total: total })
    }
    for (const component of ['collector', 'alerting', 'api']) {
      push(`${component}-1`, { version: '0.1.0', component }, { build_info: 1 })
    }
  }
  return samples
}
