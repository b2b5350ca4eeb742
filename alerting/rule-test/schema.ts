import { z } from 'zod'
import { flag } from '../../lib/config/fields.ts'
import { parseMetricsqlDuration } from '../metricsql-duration.ts'
import { numberOf, parseInputValues } from './input-values.ts'
import { parseSeriesText } from './series-text.ts'

/** The shape of a unit test file: every key of vmalert-tool's and of promtool's. */

const text = z.preprocess(
  (value) => (typeof value === 'boolean' || typeof value === 'number' ? String(value) : value),
  z.string({ error: 'expected a text' }),
)

const filled = text.refine((value) => value.trim() !== '', { error: 'expected a text' })

/** What a reader gives, or a text that says what is wrong. */
const parsed = <T extends object>(parse: (text: string) => T | string) =>
  text.transform((value, context) => {
    const result = parse(value)
    if (typeof result !== 'string') return result
    context.addIssue({ code: 'custom', message: result })
    return z.NEVER
  })

const duration = (least: 'zero' | 'more') =>
  text.transform((value, context) => {
    const ms = parseMetricsqlDuration(value)
    if (ms !== null && (least === 'zero' ? ms >= 0 : ms > 0)) return ms
    const than = least === 'more' ? 'more than 0, such as 1m' : 'such as 0s, 90s or 1h30m'
    context.addIssue({ code: 'custom', message: `expected a duration ${than}` })
    return z.NEVER
  })

const number = text.transform((value, context) => {
  const read = numberOf(value.trim())
  if (value.trim() !== '' && (!Number.isNaN(read) || /nan/i.test(value))) return read
  context.addIssue({ code: 'custom', message: 'expected a number' })
  return z.NEVER
})

/** Seconds, or RFC 3339. */
const instant = text.transform((value, context) => {
  const at = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) * 1_000 : Date.parse(value)
  if (Number.isFinite(at)) return at
  context.addIssue({
    code: 'custom',
    message: 'expected an instant: Unix seconds, or such as 2026-01-01T00:00:00Z',
  })
  return z.NEVER
})

const labels = z.record(z.string(), text)

const alertTest = z.strictObject({
  eval_time: duration('zero'),
  groupname: filled.optional(),
  alertname: filled,
  exp_alerts: z
    .array(
      z.strictObject({ exp_labels: labels.default({}), exp_annotations: labels.default({}) }),
      {
        error: 'expected a list of alerts',
      },
    )
    .default([]),
})

const sample = z
  .strictObject({
    labels: parsed((value) => (value.trim() === '' ? {} : parseSeriesText(value))).default({}),
    value: number.optional(),
    histogram: z.unknown().optional(),
  })
  .transform(({ labels: expected, value, histogram }, context) => {
    if (histogram !== undefined) {
      const message =
        'native histograms are not kept by VictoriaMetrics: expect the series of classic ones'
      context.addIssue({ code: 'custom', path: ['histogram'], message })
      return z.NEVER
    }
    return { labels: expected, value: value ?? 0 }
  })

const queryTest = z.strictObject({
  expr: filled,
  eval_time: duration('zero'),
  exp_samples: z.array(sample, { error: 'expected a list of samples' }).default([]),
})

const testSchema = z.strictObject({
  name: text.optional(),
  interval: duration('more').optional(),
  start_timestamp: instant.optional(),
  external_labels: labels.default({}),
  external_url: text.optional(),
  input_series: z
    .array(z.strictObject({ series: parsed(parseSeriesText), values: parsed(parseInputValues) }), {
      error: 'expected a list of series',
    })
    .default([]),
  alert_rule_test: z.array(alertTest, { error: 'expected a list of cases' }).default([]),
  metricsql_expr_test: z.array(queryTest, { error: 'expected a list of cases' }).default([]),
  promql_expr_test: z.array(queryTest, { error: 'expected a list of cases' }).default([]),
})

export const testFileSchema = z.strictObject({
  rule_files: z.array(filled, { error: 'expected a list of files' }).default([]),
  evaluation_interval: duration('more').default(60_000),
  group_eval_order: z.array(filled, { error: 'expected a list of names' }).default([]),
  fuzzy_compare: flag.default(false),
  tests: z.array(testSchema, { error: 'expected a list of tests' }),
})

export type TestFileConfig = z.output<typeof testFileSchema>
export type TestConfig = z.output<typeof testSchema>
