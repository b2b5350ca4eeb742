import { z } from 'zod'
import { flag, whole } from '../../lib/config/fields.ts'
import { parseMetricsqlDuration } from '../metricsql-duration.ts'

/**
 * The shape of a rule file: every key of vmalert and of Prometheus. Numbers and true/false come as texts where a text
 * is expected, as YAML writers leave the quotes out.
 */

const text = z.preprocess(
  (value) => (typeof value === 'boolean' || typeof value === 'number' ? String(value) : value),
  z.string({ error: 'expected a text' }),
)

const named = text.refine((value) => value !== '', { error: 'expected a name' })

const duration = (least: 'any' | 'zero' | 'more') =>
  text.transform((value, context) => {
    const ms = parseMetricsqlDuration(value)
    const isTooSmall = ms !== null && (least === 'zero' ? ms < 0 : least === 'more' && ms <= 0)
    if (ms !== null && !isTooSmall) return ms
    const than = least === 'more' ? 'more than 0, such as 30s' : 'such as 30s, 1h30m or 1w'
    context.addIssue({ code: 'custom', message: `expected a duration ${than}` })
    return z.NEVER
  })

const labelName = z
  .string()
  .min(1, { error: 'expected the name of a label' })
  .refine((name) => name !== '__name__', {
    error: "the label __name__ is the name of the series itself: it can't be set",
  })

const count = whole(0, Number.MAX_SAFE_INTEGER)

const header = z
  .string({ error: 'expected a header such as "Name: value"' })
  .regex(/^[^:\s]+\s*:/, { error: 'expected a header such as "Name: value"' })

export const ruleSchema = z.strictObject({
  alert: named.optional(),
  record: named.optional(),
  expr: text.refine((value) => value.trim() !== '', { error: 'expected an expression' }),
  for: duration('zero').optional(),
  keep_firing_for: duration('zero').optional(),
  labels: z.record(labelName, text).default({}),
  annotations: z.record(z.string(), text).default({}),
  debug: flag.optional(),
  update_entries_limit: count.optional(),
})

const KINDS: Readonly<Record<string, string>> = {
  graphite: "expected prometheus (Graphite's functions are not read)",
  vlogs: 'expected prometheus (wardline has no logs: leave rules over VictoriaLogs to vmalert)',
}

const groupType = text.superRefine((value, context) => {
  if (value === 'prometheus' || value === '') return
  const reason = KINDS[value] ?? 'expected prometheus'
  context.addIssue({ code: 'custom', message: reason })
})

export const groupSchema = z.strictObject({
  name: named,
  type: groupType.optional(),
  interval: duration('more').optional(),
  eval_offset: duration('any').optional(),
  eval_delay: duration('zero').optional(),
  eval_alignment: flag.optional(),
  /** Prometheus' name of eval_delay. */
  query_offset: duration('zero').optional(),
  limit: count.optional(),
  concurrency: whole(1, 1_000).optional(),
  labels: z.record(labelName, text).default({}),
  params: z.record(z.string(), z.array(text, { error: 'expected a list of texts' })).default({}),
  headers: z.array(header).default([]),
  notifier_headers: z.array(header).default([]),
  keep_firing_for: duration('zero').optional(),
  debug: flag.optional(),
  update_entries_limit: count.optional(),
  /** Thanos'. */
  partial_response_strategy: text.optional(),
  /** Of vmalert's cluster edition. */
  tenant: text.optional(),
  rules: z.array(ruleSchema, { error: 'expected a list of rules' }).default([]),
})

export const ruleFileSchema = z.strictObject({
  groups: z.array(groupSchema, { error: 'expected a list of groups' }).default([]),
})

export type RuleConfig = z.output<typeof ruleSchema>
export type GroupConfig = z.output<typeof groupSchema>
