import type { RuleGroup } from '../rule.ts'
import { percent } from './text.ts'

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
    ],
  }
}
