import { markSample } from '../../../lib/blindness.ts'
import { statesFromSample } from '../../../lib/lateness.ts'
import type { Sample } from '../../../lib/line-protocol.ts'

/** Counts of a histogram's first buckets, after so many observations of 0.3 each. */
function histogram(name: string, bounds: readonly number[], count: number) {
  return [
    ...[...bounds, '+Inf'].map((bound) => ({
      labels: { le: String(bound) },
      fields: { [`${name}_bucket`]: Number(bound) < 0.3 ? 0 : count },
    })),
    { labels: {}, fields: { [`${name}_sum`]: 0.3 * count, [`${name}_count`]: count } },
  ]
}

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
        writer_buffer_bytes: 20_000,
        spool_bytes: 15_000,
        spool_limit_bytes: 1_006_632_960,
        spool_samples: 300,
        spool_failing: 0,
        spool_replayed_total: seconds,
        spool_corrupt_records_total: 0,
        spool_unkept_total: 0,
        share_devices: 30,
        members: 1,
      },
    )
    push('collector-1', { vantage: 'collector-1' }, { samples_stored_ratio: 0.9995 })
    samples.push({
      measurement: 'wardline_spool',
      labels: { vantage: 'collector-1' },
      fields: { from_seconds: 0 },
      at,
    })
    samples.push(
      markSample({ vantage: 'collector-1', at, since: at === start + 600_000 ? at : null }),
      statesFromSample('collector-1', null, at),
    )
    push('', { vantage: 'collector-1', site: 'tbilisi' }, { collector_info: 1 })
    push('collector-1', {}, { clock_skew_seconds: 0 })
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
    for (const loop of [
      'ping',
      'snmp',
      'traps',
      'blindness',
      'device_info',
      'membership',
      'writer',
    ]) {
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
    for (const receiver of ['ops', 'wardline-canary']) {
      const told = Math.floor(seconds / 300)
      for (const { labels, fields } of histogram('notification_seconds', [0.1, 1], told))
        push('alerting-1', { receiver, result: 'accepted', ...labels }, fields)
      for (const { labels, fields } of histogram('outage_to_delivery_seconds', [10, 30], told))
        push('alerting-1', { receiver, ...labels }, fields)
    }
    for (const change of ['down', 'up']) {
      push('alerting-1', { change }, { canary_seconds: change === 'down' ? 8.2 : 2.4 })
    }
    push('alerting-1', {}, { canary_lost: 0 })
    push(
      'alerting-1',
      {},
      {
        redis_up: 1,
        redis_answer_seconds: 0.001,
        redis_memory_ratio: 0.02,
        redis_losses_total: 0,
        redis_put_back_total: 0,
      },
    )
    push('alerting-1:5003', {}, { alerting_token: 4 })
    push('alerting-2:5003', {}, { alerting_token: 0 })
    push('alerting-1', { result: 'sent' }, { heartbeats_total: Math.floor(seconds / 60) })
    const route = { method: 'GET', route: '/api/v1/devices', status: '200' }
    for (const { labels, fields } of histogram('http_request_seconds', [0.01, 0.5], seconds))
      push('api-1', { ...route, ...labels }, fields)
    for (const { labels, fields } of histogram('view_refresh_seconds', [0.01, 0.5], seconds))
      push('api-1', labels, fields)
    push(
      'api-1',
      {},
      {
        view_refresh_failures_total: 0,
        view_age_seconds: 0.6,
        event_streams: 2,
        event_streams_dropped_total: 0,
      },
    )
    for (const reason of ['reader', 'open', 'all'])
      push('api-1', { reason }, { event_streams_refused_total: 0 })
    for (const component of ['collector', 'alerting', 'api']) {
      push(`${component}-1`, { version: '0.1.0', component }, { build_info: 1 })
    }
  }
  return samples
}

/** What a scraper finds at alerting's /metrics under vmalert's names, once. */
export function scraped(now: number): Sample[] {
  const scrape = (labels: Record<string, string>, fields: Record<string, number>): Sample => ({
    measurement: 'vmalert',
    labels: { instance: '127.0.0.1:5003', job: 'wardline', ...labels },
    fields,
    at: now,
  })
  const group = { group: 'links', file: '/etc/wardline/rules/links.yml' }
  const last = { last_evaluation_samples: 1, last_evaluation_series_fetched: 30, errors_total: 0 }
  const ofRules = (kind: string) =>
    Object.fromEntries(
      Object.entries(last).map(([name, value]) => [`${kind}_rules_${name}`, value]),
    )
  return [
    scrape(group, {
      iteration_total: 240,
      iteration_missed_total: 0,
      iteration_interval_seconds: 15,
      iteration_duration_seconds_sum: 2.4,
      iteration_duration_seconds_count: 240,
      group_rule_results_limit: 0,
    }),
    scrape({ ...group, quantile: '0.99' }, { iteration_duration_seconds: 0.02 }),
    scrape(
      { ...group, alertname: 'SlowLink', id: '17' },
      {
        alerts_pending: 1,
        alerts_firing: 0,
        ...ofRules('alerting'),
      },
    ),
    scrape({ ...group, recording: 'link:rtt', id: '18' }, ofRules('recording')),
    scrape(
      {},
      {
        execution_total: 480,
        execution_errors_total: 0,
        alerts_fired_total: 3,
        remotewrite_sent_rows_total: 4_800,
        remotewrite_dropped_rows_total: 0,
        config_last_reload_successful: 1,
        config_last_reload_success_timestamp_seconds: now / 1000 - 3_600,
        config_last_reload_total: 1,
        config_last_reload_errors_total: 0,
      },
    ),
  ]
}
