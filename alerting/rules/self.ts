import { CLOCK_SKEW, MOST_SKEW_MS } from '../../lib/clock-skew.ts'
import { humanizeDuration } from '../../lib/duration.ts'
import { COLLECTOR_INFO } from '../../lib/sites.ts'
import { NEARLY_FULL } from '../../lib/spool/nearly-full.ts'
import type { RuleGroup } from '../rule.ts'
import { percent } from './text.ts'

/** Why samples are given up, by the label `reason`. */
const DROPPED: Readonly<Record<string, string>> = {
  overflow:
    'More waited than there is room for: see collector.spool.bytes and collector.buffer_bytes.',
  rejected: "VictoriaMetrics refused them; wardline's log says why.",
  corrupt: 'They were damaged on disk.',
  shutdown: 'They could neither be stored nor be kept on disk when the process ended.',
}

/** Collectors say how they are each 10 s. */
const SILENT_SECONDS = 30
/** Who is gone for longer isn't waited for any more: its name may have been that of a container. */
const AWAITED = '1h'

/** The collectors that said nothing for a while, with the devices that they had, but for those that said that they end. */
const LOST_COLLECTORS =
  `last_over_time(wardline_share_devices[${AWAITED}])` +
  ` and on (instance) (time() - tlast_over_time(wardline_share_devices[${AWAITED}]) > ${SILENT_SECONDS})` +
  ` unless on (instance) label_copy(last_over_time(${COLLECTOR_INFO}[${AWAITED}]) == 0, "vantage", "instance")`

/** Who said nothing for longer is gone, which is another matter than a loop that stands still. */
const THERE_SECONDS = 20

/** Of services that are there, loops that turn each second and don't. Those that wait for Redis or VictoriaMetrics aren't among them. */
const STOPPED_LOOPS =
  'time() - last_over_time(wardline_loop_last_success_timestamp_seconds{loop=~"ping|snmp|traps|blindness|device_info"}' +
  `[${THERE_SECONDS}s]) > ${SILENT_SECONDS}`

/** wardline about itself. */
export function selfRules(intervalMs: number): RuleGroup {
  return {
    name: 'self',
    file: '',
    intervalMs,
    rules: [
      {
        alert: 'CollectorLost',
        severity: 'critical',
        expr: LOST_COLLECTORS,
        // After a time in which nothing could be stored they are all heard of again within seconds.
        forMs: 15_000,
        annotations: {
          summary: ({ labels }) => `Collector ${labels['instance'] ?? ''} is gone`,
          description: ({ labels, value }) =>
            `Nothing was heard of ${labels['instance'] ?? ''} for ${SILENT_SECONDS} s or more, and it did not say that it ends. It had` +
            ` ${value} devices: other collectors of its site have them by now; where there are none, nothing is known of them.`,
        },
      },
      {
        alert: 'LoopStopped',
        severity: 'critical',
        expr: STOPPED_LOOPS,
        annotations: {
          summary: ({ labels }) =>
            `Collector ${labels['instance'] ?? ''} runs, and its ${labels['loop'] ?? ''} loop does not`,
          description: ({ labels, value }) =>
            `It did nothing for ${humanizeDuration(value * 1000)}. The log of ${labels['instance'] ?? ''} says why; restart it.`,
        },
      },
      {
        alert: 'SamplesMissing',
        severity: 'warning',
        expr: 'last_over_time(wardline_samples_stored_ratio[5m]) < 0.999',
        forMs: 120_000,
        annotations: {
          summary: ({ labels }) => `Samples of collector ${labels['instance'] ?? ''} are missing`,
          description: ({ value }) =>
            `${percent(value)} of the ping samples due in the last 10 minutes are stored`,
        },
      },
      {
        alert: 'SamplesDropped',
        severity: 'warning',
        // Of an instance of alerting that leads no more, nothing is missed: the one that does has written it.
        expr: 'sum by (instance, reason) (increase(wardline_samples_dropped_total{reason!="not_leader"}[10m])) > 0',
        annotations: {
          summary: ({ labels, value }) =>
            `${labels['instance'] ?? ''} gave up ${Math.ceil(value)} samples`,
          description: ({ labels }) => DROPPED[labels['reason'] ?? ''] ?? '',
        },
      },
      {
        alert: 'SpoolFailing',
        severity: 'warning',
        expr: 'last_over_time(wardline_spool_failing[1m]) > 0',
        forMs: 30_000,
        annotations: {
          summary: ({ labels }) => `The spool of ${labels['instance'] ?? ''} can't be written to`,
          description: () =>
            'Samples that VictoriaMetrics does not take wait in memory alone, and are lost with the process. Its log says why;' +
            ' check the space and the permissions of data_dir.',
        },
      },
      {
        alert: 'SpoolFilling',
        severity: 'warning',
        expr: `last_over_time(wardline_spool_bytes[1m]) / last_over_time(wardline_spool_limit_bytes[1m]) > ${NEARLY_FULL}`,
        forMs: 30_000,
        annotations: {
          summary: ({ labels, value }) =>
            `The spool of ${labels['instance'] ?? ''} is ${percent(value)} full`,
          description: () =>
            'VictoriaMetrics has not taken all samples for a while. They wait, and once there is no more room the oldest are dropped.' +
            ' Check its log, its disk and the line to it; collector.spool.bytes is the room of a collector.',
        },
      },
      {
        alert: 'RedisFailing',
        severity: 'warning',
        expr: 'last_over_time(wardline_redis_up[1m]) < 1',
        forMs: 60_000,
        annotations: {
          summary: ({ labels }) => `Redis is of no use to ${labels['instance'] ?? ''}`,
          description: () =>
            'It is away, full, or does not answer in time. Monitoring goes on with what was last known; nobody can sign in,' +
            ' nothing can be decided, and a restart of alerting may tell again. /health says why.',
        },
      },
      {
        alert: 'ClockSkew',
        severity: 'critical',
        // Also of one whose clock is so far off that alerting, or this query, lives in another minute.
        expr: `abs(last_over_time(${CLOCK_SKEW}[10m])) >= ${MOST_SKEW_MS / 1000}`,
        annotations: {
          summary: ({ labels, value }) =>
            `The clock of ${labels['instance'] ?? ''} is ${humanizeDuration(value * 1000)} off`,
          description: ({ labels }) =>
            `It differs from VictoriaMetrics' clock. What ${labels['instance'] ?? ''} writes is stamped wrongly: too early, and` +
            ' devices are unknown; too late, and outages are seen when their stamps have come. Check its time synchronization.',
        },
      },
    ],
  }
}
