import type { Device } from '../lib/inventory.ts'
import type { Labels } from '../lib/labels.ts'
import type { Point, Vector } from '../lib/victoriametrics.ts'
import type { Fleet } from './availability/fleet.ts'

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

/** A text of an alert: a function of what is known of it. `source` is the template it was made of, for whoever shows the rule. */
export type Text<C = TextContext> = ((context: C) => string | Promise<string>) & {
  readonly source?: string
}

/** What a text may speak of. Instants are Unix milliseconds. */
export type TextContext = {
  /** The result's own labels before those that the rule adds to them. */
  readonly labels: Labels
  readonly value: number
  /** When the condition began. */
  readonly activeAt: number
  readonly at: number
  /** The device that the labels name, if it is in the inventory. */
  readonly device: Device | undefined
  readonly forMs: number
  readonly expr: string
  /** An instant query at `at`. */
  query(expr: string): Promise<Vector>
  readonly alertId: string
  readonly groupId: string
  readonly externalLabels: Labels
  readonly externalUrl: string
  /** Whether the answer that the alert comes from was complete. */
  readonly isPartial: boolean
}

export type Severity = 'critical' | 'warning' | 'info'

export type AlertRule = {
  readonly alert: string
  readonly expr: Expression
  /** Its label `severity`. */
  readonly severity?: Severity
  /** How long the condition must hold before the alert fires. */
  readonly forMs?: number
  /** How long it fires on after the condition ended. */
  readonly keepFiringForMs?: number
  /** An empty one deletes the result's label. */
  readonly labels?: Readonly<Record<string, string | Text>>
  readonly annotations: Readonly<Record<string, Text>>
  /** What a receiver is told again of when it changes while the alert fires. */
  readonly revision?: (context: TextContext) => string
  /** Whether each evaluation is told in the log; as the group says, unless told. */
  readonly debug?: boolean
  /** How many of its last evaluations are kept to be read. */
  readonly updateEntriesLimit?: number
}

/** A result stored under a name of its own. */
export type RecordRule = {
  readonly record: string
  readonly expr: Expression
  readonly labels?: Labels
  readonly debug?: boolean
  readonly updateEntriesLimit?: number
}

export type Rule = AlertRule | RecordRule

/** Rules that are evaluated together, in order, on one grid. Names are unique within a file. */
export type RuleGroup = {
  readonly name: string
  /** The file that it comes from; empty for those that wardline brings. */
  readonly file: string
  readonly intervalMs: number
  /** Where in the interval it is evaluated; may be negative. */
  readonly evalOffsetMs?: number
  /** How much earlier than its turn an evaluation's instant lies. */
  readonly evalDelayMs?: number
  /** Whether an evaluation's instant lies on the grid of the interval: so for groups of files, unless told. */
  readonly evalAlignment?: boolean
  /** The most alerts, or series, of one rule; 0: all. */
  readonly limit?: number
  /** How many rules are evaluated at once; 1 unless told. */
  readonly concurrency?: number
  /** Labels of every rule; a rule's own go before them. */
  readonly labels?: Labels
  /** Parameters of its queries. */
  readonly params?: Readonly<Record<string, readonly string[]>>
  /** Headers of its queries. */
  readonly headers?: Readonly<Record<string, string>>
  /** For rules that don't say it themselves. */
  readonly keepFiringForMs?: number
  readonly debug?: boolean
  readonly updateEntriesLimit?: number
  readonly rules: readonly Rule[]
}

export const isAlertRule = (rule: Rule): rule is AlertRule => 'alert' in rule
export const ruleName = (rule: Rule): string => (isAlertRule(rule) ? rule.alert : rule.record)

/** The expression as it is shown: MetricsQL, or the name of the function. */
export const expressionText = (expr: Expression): string =>
  typeof expr === 'string' ? expr : `${expr.name === '' ? 'function' : expr.name}()`
