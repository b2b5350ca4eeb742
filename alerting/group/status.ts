import type { Alert } from '../alert.ts'
import type { RuleOutcome } from '../evaluate.ts'
import type { Rule, RuleGroup } from '../rule.ts'

/** One evaluation of a rule, as it is kept to be read. */
export type RuleUpdate = {
  /** When it was evaluated, and the instant that was. */
  readonly evaluatedAt: number
  readonly at: number
  readonly seconds: number
  readonly samples: number
  readonly seriesFetched: number | null
  readonly error: string
}

/** What is known of a rule since its last evaluation. */
export type RuleStatus = {
  readonly rule: Rule
  readonly id: string
  readonly health: 'ok' | 'err' | 'unknown'
  readonly lastError: string
  readonly lastEvaluationAt: number | null
  readonly evaluationSeconds: number
  readonly samples: number
  readonly seriesFetched: number | null
  readonly alerts: readonly Alert[]
  /** Its last evaluations, the newest first. */
  readonly updates: readonly RuleUpdate[]
  readonly mostUpdates: number
}

export type GroupStatus = {
  readonly group: RuleGroup
  readonly id: string
  readonly lastEvaluationAt: number | null
  readonly evaluationSeconds: number
  readonly rules: readonly RuleStatus[]
}

const UPDATES = 20

/** Of a rule that wasn't evaluated yet. */
export const unknownStatus = (
  group: RuleGroup,
  rule: Rule,
  id: string,
  alerts: readonly Alert[],
): RuleStatus => ({
  rule,
  id,
  health: 'unknown',
  lastError: '',
  lastEvaluationAt: null,
  evaluationSeconds: 0,
  samples: 0,
  seriesFetched: null,
  alerts,
  updates: [],
  mostUpdates: Math.max(1, rule.updateEntriesLimit ?? group.updateEntriesLimit ?? UPDATES),
})

/** The status after an evaluation. */
export function statusAfter(
  before: RuleStatus,
  outcome: RuleOutcome,
  evaluatedAt: number,
  at: number,
): RuleStatus {
  const { samples, seriesFetched, seconds, alerts } = outcome
  const error = outcome.error?.message ?? ''
  const update = { evaluatedAt, at, seconds, samples, seriesFetched, error }
  return {
    ...before,
    health: error === '' ? 'ok' : 'err',
    lastError: error,
    lastEvaluationAt: evaluatedAt,
    evaluationSeconds: seconds,
    samples,
    seriesFetched,
    alerts,
    updates: [update, ...before.updates].slice(0, before.mostUpdates),
  }
}
