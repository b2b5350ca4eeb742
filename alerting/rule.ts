import type { Labels } from '../lib/labels.ts'
import type { Device } from '../lib/inventory.ts'
import type { Point, Vector } from '../lib/victoriametrics.ts'
import type { Fleet } from './availability/watch.ts'

/** One series of a rule's result. `since`: when its condition began, where the rule knows better than its evaluation does. */
export type Result = Point & { readonly since?: number }

export type EvaluationContext = {
  /** The evaluation's instant, Unix milliseconds. */
  readonly at: number
  readonly signal: AbortSignal
  /** An instant query at `at`. */
  query(expr: string): Promise<Vector>
  readonly fleet: Fleet
  /** The devices for which this rule fires already. */
  readonly firing: ReadonlySet<string>
}

/** MetricsQL, or a function where MetricsQL can't say it. */
export type Expression =
  | string
  | ((context: EvaluationContext) => readonly Result[] | Promise<readonly Result[]>)

export type AnnotationContext = {
  readonly labels: Labels
  readonly value: number
  /** When the condition began, Unix milliseconds. */
  readonly activeAt: number
  readonly at: number
  /** The device that the labels name, if it is in the inventory. */
  readonly device: Device | undefined
}

export type Severity = 'critical' | 'warning' | 'info'

export type AlertRule = {
  readonly alert: string
  readonly expr: Expression
  readonly severity: Severity
  /** How long the condition must hold before the alert fires. */
  readonly forMs?: number
  /** How long it fires on after the condition ended. */
  readonly keepFiringForMs?: number
  readonly labels?: Labels
  readonly annotations: Readonly<Record<string, (context: AnnotationContext) => string>>
}

/** A result stored under a name of its own. */
export type RecordRule = {
  readonly record: string
  readonly expr: Expression
  readonly labels?: Labels
}

export type Rule = AlertRule | RecordRule

/** Rules that are evaluated together, in order, on one grid. */
export type RuleGroup = {
  readonly name: string
  readonly intervalMs: number
  readonly rules: readonly Rule[]
}

export const isAlertRule = (rule: Rule): rule is AlertRule => 'alert' in rule
export const ruleName = (rule: Rule): string => (isAlertRule(rule) ? rule.alert : rule.record)
