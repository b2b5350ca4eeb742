import { type Row, bars, instant, range, stat, thresholds, timeSeries } from '../panels.ts'

/** Whether wardline itself keeps up. Its own metrics belong to no region, branch or type. */
export const pipelineRow = (): Row => ({
  title: 'Pipeline',
  panels: [
    stat({
      title: 'Samples stored',
      description:
        'Ping samples that VictoriaMetrics took, as a share of those due, over the last 10 minutes; the worst collector.',
      unit: 'percentunit',
      width: 4,
      height: 8,
      queries: [instant('min(last_over_time(wardline_samples_stored_ratio[1m]))', 'stored')],
    })
      .decimals(2)
      .thresholds(
        thresholds([
          [null, 'red'],
          [0.99, 'orange'],
          [0.999, 'green'],
        ]),
      ),
    bars({
      title: 'Age of the newest ping sample',
      description:
        'By collector. Above two and a half intervals its devices are unknown. A collector that fell silent is shown for a day.',
      unit: 's',
      width: 8,
      height: 8,
      queries: [
        instant(
          'sort_desc(time() - max by (vantage) (tlast_over_time(ping_sent[1d])))',
          '{{vantage}}',
        ),
      ],
    }).thresholds(AGE),
    bars({
      title: 'Loops: time since the last success',
      description: 'Of each loop of each service. A loop that stands still stops being right.',
      unit: 's',
      width: 12,
      height: 8,
      queries: [
        instant(
          'sort_desc(time() - max by (instance, loop) (last_over_time(wardline_loop_last_success_timestamp_seconds[1h])))',
          '{{loop}} · {{instance}}',
        ),
      ],
    }).thresholds(AGE),
    series('Evaluation time', 'Seconds that the last evaluation of each rule group took.', 's', [
      'max by (group) (max_over_time(wardline_evaluation_seconds[$__rate_interval]))',
      '{{group}}',
    ]),
    series('Slot lag', 'How late the collectors began the slot; above 1 s slots are missed.', 's', [
      'max by (kind) (max_over_time(wardline_slot_lag_seconds[$__rate_interval]))',
      '{{kind}}',
    ]),
    series(
      'Missed',
      'Probes whose slot was overrun, evaluations that were skipped, rules that failed, and samples that were given up.',
      'short',
      [
        'sum by (kind) (increase(wardline_slots_missed_total[$__rate_interval]))',
        'probes {{kind}}',
      ],
      [
        'sum by (group) (increase(wardline_evaluations_missed_total[$__rate_interval]))',
        'evaluations {{group}}',
      ],
      [
        'sum by (group, rule) (increase(wardline_rule_errors_total[$__rate_interval]))',
        'errors {{rule}}',
      ],
      [
        'sum by (reason) (increase(wardline_samples_dropped_total[$__rate_interval]))',
        'dropped {{reason}}',
      ],
    ),
    quarter(
      'Samples per second',
      'Due by the plan, made by the probes, and stored: the three go together while the pipeline is well.',
      'short',
      ['sum(rate(wardline_samples_due_total[$__rate_interval]))', 'due'],
      ['sum(rate(wardline_samples_made_total[$__rate_interval]))', 'made'],
      ['sum(rate(wardline_samples_stored_total[$__rate_interval]))', 'stored'],
    ),
    quarter('Write buffer', 'Bytes that wait for VictoriaMetrics, of each collector.', 'bytes', [
      'max by (instance) (max_over_time(wardline_writer_buffer_bytes[$__rate_interval]))',
      '{{instance}}',
    ]),
    quarter(
      'Spool: how full',
      'Share of the room of what waits for VictoriaMetrics that is taken. Where it is full the oldest samples are given up.',
      'percentunit',
      [
        'max by (instance) (max_over_time(wardline_spool_bytes[$__rate_interval]) / max_over_time(wardline_spool_limit_bytes[$__rate_interval]))',
        '{{instance}}',
      ],
    ),
    quarter('API', 'Requests that the API answered a second, by status.', 'reqps', [
      'sum by (status) (rate(wardline_http_request_seconds_count[$__rate_interval]))',
      '{{status}}',
    ]),
  ],
})

const AGE = thresholds([
  [null, 'green'],
  [60, 'orange'],
  [180, 'red'],
])

type Line = readonly [expr: string, legend: string]

function series(title: string, description: string, unit: string, ...lines: readonly Line[]) {
  return timeSeries({
    title,
    description,
    unit,
    width: 8,
    height: 8,
    queries: lines.map(([expr, legend]) => range(expr, legend)),
  })
}

/** The same where four share a line. */
const quarter = (...head: Parameters<typeof series>) => series(...head).span(6)
