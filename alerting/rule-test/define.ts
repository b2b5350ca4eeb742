import { parseMetricsqlDuration } from '../metricsql-duration.ts'
import type { DurationText } from '../define/vector.ts'
import type { RuleGroup } from '../rule.ts'
import type { Labels } from '../../lib/labels.ts'
import { STALE } from '../../lib/remote-write.ts'
import { parseInputValues } from './input-values.ts'
import {
  type InputSeries,
  type InputValue,
  type Place,
  type RuleTest,
  START_AT,
} from './rule-test.ts'
import { parseSeriesText } from './series-text.ts'

/** A test of rules, as a `.ts` file exports it by default, or a list of them. */
export type RuleTestDefinition = {
  readonly name: string
  /** Groups as `group` gives them, and rule files by name, relative to the test's own; evaluated in this order. */
  readonly rules: readonly (RuleGroup | string)[]
  /** One evaluation of all groups every; a minute, unless told. */
  readonly evaluationInterval?: DurationText
  /** Between two values of a series; the evaluation interval, unless told. */
  readonly interval?: DurationText
  /** 2000-01-01T00:00:00Z, unless told. */
  readonly startsAt?: Date
  readonly externalLabels?: Labels
  readonly externalUrl?: string
  /** `'up{job="node"}': '1x5 0x10'`, or values one by one: null is a gap, `stale` the end of the series. */
  readonly series: Readonly<Record<string, string | readonly (number | null | 'stale')[]>>
  readonly alerts?: readonly {
    readonly at: DurationText
    /** Left out: of all groups. */
    readonly group?: string
    readonly alert: string
    /** All that fire; `alertname` and `alertgroup` needn't be among the labels. */
    readonly expected: readonly { readonly labels?: Labels; readonly annotations?: Labels }[]
  }[]
  readonly queries?: readonly {
    readonly at: DurationText
    readonly expr: string | { readonly expr: string }
    readonly expected: readonly { readonly labels?: Labels; readonly value: number }[]
  }[]
  readonly fuzzyCompare?: boolean
}

/** A test as the compiler checks it; nothing runs before `wardline rules test`. */
export const defineTest = (definition: RuleTestDefinition): RuleTestDefinition => definition

/** The test that a definition means. Throws TypeError where a text in it can't be read. */
export function testOf(
  definition: RuleTestDefinition,
  groups: readonly RuleGroup[],
  place: Place,
  defaults: Pick<RuleTest, 'externalLabels' | 'externalUrl'>,
): RuleTest {
  const { name, alerts = [], queries = [] } = definition
  const evaluationIntervalMs = milliseconds(definition.evaluationInterval ?? '1m')
  return {
    name,
    place,
    groups,
    startAt: definition.startsAt?.getTime() ?? START_AT,
    evaluationIntervalMs,
    intervalMs:
      definition.interval === undefined ? evaluationIntervalMs : milliseconds(definition.interval),
    style: 'vmalert',
    externalLabels: { ...defaults.externalLabels, ...definition.externalLabels },
    externalUrl: definition.externalUrl ?? defaults.externalUrl,
    series: Object.entries(definition.series).map(([series, values]) => seriesOf(series, values)),
    alerts: alerts.map(({ at, group, alert, expected }) => ({
      place,
      atMs: milliseconds(at),
      group: group ?? null,
      alert,
      expected: expected.map(({ labels = {}, annotations = {} }) => ({ labels, annotations })),
    })),
    queries: queries.map(({ at, expr, expected }) => ({
      place,
      atMs: milliseconds(at),
      expr: typeof expr === 'string' ? expr : expr.expr,
      expected: expected.map(({ labels = {}, value }) => ({ labels, value })),
    })),
    isFuzzy: definition.fuzzyCompare ?? false,
  }
}

function seriesOf(series: string, given: RuleTestDefinition['series'][string]): InputSeries {
  const labels = readable(series, parseSeriesText(series))
  if (typeof given === 'string') {
    return { labels, values: readable(series, parseInputValues(given)) }
  }
  return { labels, values: given.map((value): InputValue => (value === 'stale' ? STALE : value)) }
}

function readable<T extends object>(series: string, read: T | string): T {
  if (typeof read === 'string') throw new TypeError(`series ${series}: ${read}`)
  return read
}

function milliseconds(text: string): number {
  const ms = parseMetricsqlDuration(text)
  if (ms !== null && ms >= 0) return ms
  throw new TypeError(`expected a duration such as 30s, got ${JSON.stringify(text)}`)
}
