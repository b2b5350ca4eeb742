import { quoteLabelValue } from '../../lib/labels.ts'
import type { LabelsOf, MetricName } from '../schema/index.ts'
import { type DurationText, type VectorExpression, vector } from './vector.ts'

/** What a label must be: a text, one of several, or a matcher. */
export type Selector = string | readonly string[] | Matcher

type Matcher = { readonly operator: '!=' | '=~' | '!~'; readonly value: string }

/** A label that matches a regular expression as a whole. */
export const matching = (pattern: string): Matcher => ({ operator: '=~', value: pattern })
export const notMatching = (pattern: string): Matcher => ({ operator: '!~', value: pattern })
/** A label that is anything but this. */
export const not = (value: string): Matcher => ({ operator: '!=', value })

/** Series of a metric: to be looked at over a window, which is always written out. */
export type Series<L extends string> = {
  readonly selector: string
  /** The newest value in the window; sees not that a series ended, unlike `now`. */
  last(window: DurationText): VectorExpression<L>
  /** The newest value of the series that haven't ended. */
  now(window: DurationText): VectorExpression<L>
  avg(window: DurationText): VectorExpression<L>
  max(window: DurationText): VectorExpression<L>
  min(window: DurationText): VectorExpression<L>
  sum(window: DurationText): VectorExpression<L>
  count(window: DurationText): VectorExpression<L>
  quantile(share: number, window: DurationText): VectorExpression<L>
  /** How often the value changed. */
  changes(window: DurationText): VectorExpression<L>
  /** Of a counter: per second, and in all. */
  rate(window: DurationText): VectorExpression<L>
  increase(window: DurationText): VectorExpression<L>
  /** Seconds since the newest sample. */
  age(window: DurationText): VectorExpression<L>
}

/** The series of a metric of wardline whose labels are as told. */
export function series<Name extends MetricName>(
  name: Name,
  labels: { readonly [Label in LabelsOf<Name>]?: Selector } = {},
): Series<LabelsOf<Name>> {
  const matchers = Object.entries<Selector | undefined>(labels).flatMap(([label, selector]) =>
    selector === undefined ? [] : [label + matcherText(selector)],
  )
  return over(matchers.length === 0 ? name : `${name}{${matchers.join(',')}}`)
}

/**
 * Any other MetricsQL: metrics of other programs, functions that aren't here. The labels of its result are what you
 * say: ``metricsql<'device' | 'branch'>`…` ``.
 */
export function metricsql<L extends string = never>(
  texts: TemplateStringsArray,
  ...values: readonly (number | string | { readonly expr: string })[]
): VectorExpression<L> {
  const shown = values.map((value) =>
    typeof value === 'object' ? `(${value.expr})` : String(value),
  )
  return vector(String.raw({ raw: texts.raw }, ...shown).trim())
}

function over<L extends string>(selector: string): Series<L> {
  const rollup = (name: string) => (window: DurationText) =>
    vector<L>(`${name}(${selector}[${window}])`)
  return {
    selector,
    last: rollup('last_over_time'),
    now: rollup('default_rollup'),
    avg: rollup('avg_over_time'),
    max: rollup('max_over_time'),
    min: rollup('min_over_time'),
    sum: rollup('sum_over_time'),
    count: rollup('count_over_time'),
    quantile: (share, window) => vector(`quantile_over_time(${share}, ${selector}[${window}])`),
    changes: rollup('changes_prometheus'),
    rate: rollup('rate'),
    increase: rollup('increase'),
    age: (window) => vector(`time() - tlast_over_time(${selector}[${window}])`),
  }
}

function matcherText(selector: Selector): string {
  if (typeof selector === 'string') return `=${quoteLabelValue(selector)}`
  if ('operator' in selector) return selector.operator + quoteLabelValue(selector.value)
  return `=~${quoteLabelValue(selector.map(escapePattern).join('|'))}`
}

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
