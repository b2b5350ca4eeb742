import pLimit from 'p-limit'
import type { Labels } from '../lib/labels.ts'
import type { Answer, Vector } from '../lib/victoriametrics.ts'
import type { Alert } from './alert.ts'
import type { Fleet } from './availability/fleet.ts'
import { advanceRule } from './evaluate-alerts.ts'
import { recordResults } from './evaluate-record.ts'
import { type Result, type Rule, type RuleGroup, isAlertRule, ruleName } from './rule.ts'
import { ruleId } from './rule-id.ts'
import type { LiveSeries } from './series.ts'

/** Where an evaluation takes its facts from. */
export type Facts = {
  readonly at: number
  readonly signal: AbortSignal
  readonly fleet: Fleet
  /** An instant query at `at`. */
  query(expr: string): Promise<Answer>
  readonly externalLabels?: Labels
  readonly externalUrl?: string
  /** Milliseconds of any clock, for how long a rule took. */
  readonly now?: () => number
}

/** What became of one rule. */
export type RuleOutcome = {
  readonly rule: Rule
  readonly id: string
  /** All of the rule's alerts: pending, firing and recently resolved ones. */
  readonly alerts: readonly Alert[]
  /** What it recorded; null for an alerting rule, or one that failed. */
  readonly recorded: readonly LiveSeries[] | null
  /** Why it failed, or what it left out; its alerts are as they were if it failed. */
  readonly error: Error | null
  readonly failed: boolean
  /** Results that were left out, because they can't be or would be one too many. */
  readonly skipped: number
  /** Alerts that began to fire. */
  readonly fired: number
  readonly samples: number
  readonly seriesFetched: number | null
  readonly seconds: number
}

export type RuleError = { readonly rule: string; readonly error: Error }

export type Evaluation = {
  /** Pending, firing and recently resolved alerts of all rules of the group, each key once. */
  readonly alerts: readonly Alert[]
  readonly recorded: readonly LiveSeries[]
  readonly errors: readonly RuleError[]
  readonly rules: readonly RuleOutcome[]
}

/** The state of a group's alerts between evaluations: by rule id, by alert key. */
export type AlertStates = Map<string, ReadonlyMap<string, Alert>>

/**
 * Evaluates the rules of a group, in order or `concurrency` at once, and moves `states` on. A rule that fails reports
 * it and keeps its alerts as they were; the others go on (C8).
 */
export async function evaluateGroup(
  group: RuleGroup,
  states: AlertStates,
  facts: Facts,
): Promise<Evaluation> {
  const before: AlertStates = new Map(states)
  const limit = pLimit(Math.max(1, group.concurrency ?? 1))
  const rules = await limit.map(group.rules, (rule) => evaluateRule(group, rule, before, facts))
  facts.signal.throwIfAborted()
  for (const { rule, id, alerts } of rules)
    if (isAlertRule(rule)) states.set(id, new Map(alerts.map((alert) => [alert.key, alert])))
  return {
    alerts: eachKeyOnce(rules),
    recorded: rules.flatMap(({ recorded }) => recorded ?? []),
    errors: rules.flatMap(({ rule, error }) =>
      error === null ? [] : [{ rule: ruleName(rule), error }],
    ),
    rules,
  }
}

async function evaluateRule(
  group: RuleGroup,
  rule: Rule,
  before: AlertStates,
  facts: Facts,
): Promise<RuleOutcome> {
  facts.signal.throwIfAborted()
  const id = ruleId(group, rule)
  const own = before.get(id) ?? new Map<string, Alert>()
  const startedAt = facts.now?.() ?? 0
  const seconds = (): number => ((facts.now?.() ?? 0) - startedAt) / 1000
  try {
    const answer = await ask(rule, own, facts)
    const { alerts, series, flaws } = isAlertRule(rule)
      ? { series: null, ...(await advanceRule(group, rule, id, before, answer, facts)) }
      : { alerts: [], ...recordResults(group, rule, answer.vector) }
    return {
      rule,
      id,
      samples: answer.vector.length,
      seriesFetched: answer.seriesFetched,
      alerts,
      recorded: series,
      error: errorOf(flaws.texts()),
      failed: false,
      skipped: flaws.skipped,
      fired: alerts.filter((alert) => isFiring(alert) && !isFiring(own.get(alert.key))).length,
      seconds: seconds(),
    }
  } catch (error) {
    if (facts.signal.aborted) throw error
    return { ...failedOutcome(rule, id, [...own.values()], error as Error), seconds: seconds() }
  }
}

/** What became of a rule that could not be evaluated: its alerts are as they were. */
export const failedOutcome = (
  rule: Rule,
  id: string,
  alerts: readonly Alert[],
  error: Error,
): RuleOutcome => ({
  rule,
  id,
  alerts,
  recorded: null,
  error,
  failed: true,
  skipped: 0,
  fired: 0,
  samples: 0,
  seriesFetched: null,
  seconds: 0,
})

const isFiring = (alert: Alert | undefined): boolean => alert?.state === 'firing'

const errorOf = (flaws: readonly string[]): Error | null =>
  flaws.length === 0 ? null : new Error(flaws.join('; '))

type RuleAnswer = Omit<Answer, 'vector'> & { readonly vector: readonly Result[] }

async function ask(rule: Rule, own: ReadonlyMap<string, Alert>, facts: Facts): Promise<RuleAnswer> {
  if (typeof rule.expr === 'string') return facts.query(rule.expr)
  const firing = new Set<string>()
  for (const { state, labels } of own.values())
    if (state === 'firing') firing.add(labels['device'] ?? '')
  let isPartial = false
  const { at, signal, fleet } = facts
  const query = async (expr: string): Promise<Vector> => {
    const answer = await facts.query(expr)
    isPartial ||= answer.isPartial
    return answer.vector
  }
  const vector = await rule.expr({ at, signal, fleet, query, firing })
  return { vector, isPartial, seriesFetched: null }
}

/** Rules of one name may say the same: of alerts with one key the one that is furthest counts, of equal ones the first. */
function eachKeyOnce(rules: readonly RuleOutcome[]): Alert[] {
  const byKey = new Map<string, Alert>()
  for (const alert of rules.flatMap(({ alerts }) => alerts)) {
    const other = byKey.get(alert.key)
    if (other === undefined || RANK[alert.state] > RANK[other.state]) byKey.set(alert.key, alert)
  }
  return [...byKey.values()]
}

const RANK = { firing: 2, pending: 1, resolved: 0 }
