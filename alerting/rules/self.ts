import { CLOCK_SKEW } from '../../lib/clock-skew.ts'
import { humanizeDuration } from '../../lib/duration.ts'
import type { RuleGroup } from '../rule.ts'
import { percent } from './text.ts'

/** As much as it takes to confirm an outage: what is stamped further off may be judged wrongly. */
const MOST_SKEW_SECONDS = 2

/** wardline about itself. */
export function selfRules(intervalMs: number): RuleGroup {
  return {
    name: 'self',
    file: '',
    intervalMs,
    rules: [
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
        alert: 'ClockSkew',
        severity: 'critical',
        // Also of one whose clock is so far off that alerting, or this query, lives in another minute.
        expr: `abs(last_over_time(${CLOCK_SKEW}[10m])) >= ${MOST_SKEW_SECONDS}`,
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
