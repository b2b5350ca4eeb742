import type { Labels } from '../../lib/labels.ts'
import { parseMetricsqlDuration } from '../metricsql-duration.ts'
import type {
  AlertRule,
  RecordRule,
  Rule,
  RuleGroup,
  Severity,
  Text,
  TextContext,
} from '../rule.ts'
import type { Derived } from './derive.ts'
import type { DurationText, VectorExpression } from './vector.ts'

/** What a text may speak of; of labels those that the expression has. */
export type TypedContext<L extends string> = Omit<TextContext, 'labels'> & {
  readonly labels: Readonly<Record<L, string>>
}

export type TypedText<L extends string> =
  | string
  | ((context: TypedContext<L>) => string | Promise<string>)

type Source<L extends string> = VectorExpression<L> | Derived<L>

export type AlertDefinition<L extends string> = {
  readonly expr: Source<L>
  readonly severity: Severity
  /** How long the condition must hold before the alert fires; not at all, unless told. */
  readonly for?: DurationText
  /** How long it fires on after the condition ended. */
  readonly keepFiringFor?: DurationText
  readonly labels?: Readonly<Record<string, TypedText<L>>>
  readonly annotations: { readonly summary: TypedText<L> } & Readonly<Record<string, TypedText<L>>>
  readonly debug?: boolean
}

export type RecordDefinition<L extends string> = {
  readonly expr: Source<L>
  readonly labels?: Labels
}

export type GroupDefinition = {
  /** A minute, unless told. */
  readonly interval?: DurationText
  readonly offset?: DurationText | `-${DurationText}`
  readonly delay?: DurationText
  readonly limit?: number
  readonly concurrency?: number
  readonly labels?: Labels
  readonly keepFiringFor?: DurationText
}

/** An alert for each series that the expression has. */
export function alert<L extends string>(name: string, definition: AlertDefinition<L>): AlertRule {
  const { expr, severity, labels, annotations, debug } = definition
  return {
    alert: mustBeNamed(name, 'alert'),
    expr: expr.expr,
    severity,
    ...duration('forMs', definition.for),
    ...duration('keepFiringForMs', definition.keepFiringFor),
    ...(labels && {
      labels: mapTexts(labels, (text) => (typeof text === 'string' ? text : untyped(text))),
    }),
    annotations: mapTexts(annotations, (text) =>
      typeof text === 'string' ? constant(text) : untyped(text),
    ),
    ...(debug !== undefined && { debug }),
  }
}

/** The result of the expression, stored under a name of its own. */
export function record<L extends string>(
  name: string,
  { expr, labels }: RecordDefinition<L>,
): RecordRule {
  return { record: mustBeNamed(name, 'record'), expr: expr.expr, ...(labels && { labels }) }
}

/** Rules that are evaluated together, in order. */
export function group(
  name: string,
  definition: GroupDefinition,
  rules: readonly Rule[],
): RuleGroup {
  const { interval = '1m', offset, delay, limit, concurrency, labels, keepFiringFor } = definition
  return {
    name: mustBeNamed(name, 'group'),
    file: '',
    intervalMs: milliseconds(interval),
    evalAlignment: true,
    ...duration('evalOffsetMs', offset),
    ...duration('evalDelayMs', delay),
    ...duration('keepFiringForMs', keepFiringFor),
    ...(limit !== undefined && { limit }),
    ...(concurrency !== undefined && { concurrency }),
    ...(labels && { labels }),
    rules,
  }
}

/** The engine hands over the labels that the expression's series have: the compiler has seen to the rest. */
const untyped = <L extends string>(text: Exclude<TypedText<L>, string>): Text => text as Text

const constant =
  (text: string): Text =>
  () =>
    text

function mapTexts<T, U>(
  texts: Readonly<Record<string, T>>,
  change: (text: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, change(text)]))
}

function duration<Key extends string>(key: Key, text: string | undefined): { [K in Key]?: number } {
  return text === undefined ? {} : ({ [key]: milliseconds(text) } as { [K in Key]: number })
}

function milliseconds(text: string): number {
  const ms = parseMetricsqlDuration(text)
  if (ms === null)
    throw new TypeError(`expected a duration such as 30s, got ${JSON.stringify(text)}`)
  return ms
}

function mustBeNamed(name: string, of: string): string {
  if (typeof name === 'string' && name !== '') return name
  throw new TypeError(`expected a name of the ${of}, got ${JSON.stringify(name)}`)
}
