/** `30s`, `1h30m`: checked by the compiler, as MetricsQL reads it. */
export type DurationText =
  | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'y'}`
  | `${number}h${number}m`
  | `${number}m${number}s`

declare const LABELS: unique symbol

/**
 * An expression of MetricsQL, and the labels that its series have. Every step gives another one: nothing is asked
 * before the rule is evaluated.
 */
export type VectorExpression<L extends string> = {
  readonly expr: string
  readonly [LABELS]?: (label: L) => void

  /** Those with a value above, below … a number, or that of the series with the same labels. */
  above(limit: Operand<L>): VectorExpression<L>
  below(limit: Operand<L>): VectorExpression<L>
  atLeast(limit: Operand<L>): VectorExpression<L>
  atMost(limit: Operand<L>): VectorExpression<L>
  equalTo(value: Operand<L>): VectorExpression<L>
  notEqualTo(value: Operand<L>): VectorExpression<L>

  plus(other: Operand<L>): VectorExpression<L>
  minus(other: Operand<L>): VectorExpression<L>
  times(other: Operand<L>): VectorExpression<L>
  dividedBy(other: Operand<L>): VectorExpression<L>

  /** One value for each combination of the labels; without labels one for all. */
  maxBy<K extends L = never>(...labels: readonly K[]): VectorExpression<K>
  minBy<K extends L = never>(...labels: readonly K[]): VectorExpression<K>
  sumBy<K extends L = never>(...labels: readonly K[]): VectorExpression<K>
  avgBy<K extends L = never>(...labels: readonly K[]): VectorExpression<K>
  countBy<K extends L = never>(...labels: readonly K[]): VectorExpression<K>
  /** The `count` highest of each combination of the labels, with all their labels. */
  top<K extends L = never>(count: number, ...labels: readonly K[]): VectorExpression<L>

  /** Those for which the other one has a series with the same values of the labels `on`. */
  and<M extends string>(other: VectorExpression<M>, on: readonly (L & M)[]): VectorExpression<L>
  /** Those for which it has none. */
  unless<M extends string>(other: VectorExpression<M>, on: readonly (L & M)[]): VectorExpression<L>
  /** Those of both; where labels are the same, this one's. */
  or(other: VectorExpression<L>): VectorExpression<L>
}

/** A number, or an expression whose series have the same labels. */
type Operand<L extends string> = number | VectorExpression<L>

export function vector<L extends string>(expr: string): VectorExpression<L> {
  const binary = (operator: string) => (other: Operand<L>) =>
    vector<L>(`${parenthesized(expr)} ${operator} ${operandText(other)}`)
  const by =
    (aggregation: string) =>
    <K extends L>(...labels: readonly K[]) =>
      vector<K>(`${aggregation}${grouping(labels)} (${expr})`)
  const set =
    (operator: string) =>
    <M extends string>(other: VectorExpression<M>, on: readonly (L & M)[]) =>
      vector<L>(
        `${parenthesized(expr)} ${operator} on (${on.join(', ')}) ${parenthesized(other.expr)}`,
      )
  return {
    expr,
    above: binary('>'),
    below: binary('<'),
    atLeast: binary('>='),
    atMost: binary('<='),
    equalTo: binary('=='),
    notEqualTo: binary('!='),
    plus: binary('+'),
    minus: binary('-'),
    times: binary('*'),
    dividedBy: binary('/'),
    maxBy: by('max'),
    minBy: by('min'),
    sumBy: by('sum'),
    avgBy: by('avg'),
    countBy: by('count'),
    top: (count, ...labels) => vector(`topk${grouping(labels)} (${count}, ${expr})`),
    and: set('and'),
    unless: set('unless'),
    or: (other) => vector(`${parenthesized(expr)} or ${parenthesized(other.expr)}`),
  }
}

const operandText = (operand: number | { readonly expr: string }): string =>
  typeof operand === 'number' ? String(operand) : parenthesized(operand.expr)

const grouping = (labels: readonly string[]): string =>
  labels.length === 0 ? '' : ` by (${labels.join(', ')})`

/** What is one thing already stays as it is: a selector, a call, something in parentheses. */
function parenthesized(expr: string): string {
  return /^[\w:]+(\([^()]*\)|\{[^{}]*\})?(\[[^\]]*\])?$/.test(expr) ? expr : `(${expr})`
}
