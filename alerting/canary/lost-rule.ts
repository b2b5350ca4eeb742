import type { Flip } from '../../lib/canary.ts'
import type { EvaluationContext, Result, RuleGroup } from '../rule.ts'

/** A flip that didn't come out within this is lost. */
export const LOST_AFTER_MS = 30_000

/** The group of `CanaryLost`. It isn't among the engine's: see the canary's watch. */
export function lostGroup(lost: () => Flip | null): RuleGroup {
  function canaryLost({ at }: EvaluationContext): Result[] {
    const flip = lost()
    return flip === null ? [] : [{ labels: {}, value: 1, at, since: flip.at }]
  }
  return {
    name: 'canary',
    file: '',
    intervalMs: 5_000,
    rules: [
      {
        alert: 'CanaryLost',
        severity: 'critical',
        expr: canaryLost,
        annotations: {
          summary: () => 'Outages may not be told: the canary is lost',
          description: ({ activeAt }) =>
            `What it did at ${new Date(activeAt).toISOString()} did not come out within ${LOST_AFTER_MS / 1000} s. ` +
            "Look at the health of collector, VictoriaMetrics, Redis and alerting, and at alerting's log",
        },
      },
    ],
  }
}
