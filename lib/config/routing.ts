import { z } from 'zod'
import { duration } from '../duration.ts'
import { type Matcher, parseMatchers } from '../matchers.ts'
import { flag, labelName, requiredText, text } from './fields.ts'

export { timeIntervalSchema, type TimeIntervalConfig, type TimeSpan } from './time-intervals.ts'

/** Which alerts go to whom, when, and grouped by what: Alertmanager's route tree, with escalation. */

/** Texts such as `severity="critical"` or `{branch=~"Vake|Saburtalo"}`: all of them must match. */
const matchers = z.array(z.string({ error: 'expected a matcher' })).transform((texts, context) => {
  const parsed: Matcher[] = []
  for (const [index, given] of texts.entries()) {
    try {
      parsed.push(...parseMatchers(given))
    } catch (error) {
      context.addIssue({ code: 'custom', path: [index], message: (error as Error).message })
    }
  }
  return parsed
})

const labelNames = z.array(
  z.string().refine((name) => name === '...' || labelName.safeParse(name).success, {
    error: 'expected the name of a label, or "..." for all of them',
  }),
)

const escalationSchema = z.strictObject({
  after: duration({ min: '1s' }).describe('Since the alert began to fire, unacknowledged'),
  receiver: requiredText('the name of a receiver'),
})

const routeParts = z.strictObject({
  receiver: requiredText('the name of a receiver').optional(),
  matchers: matchers.prefault([]).describe('All must match: severity="critical"'),
  continue: flag.default(false).describe('Siblings after it are tried too'),
  group_by: labelNames.optional().describe('Told in one message; "..." is all labels'),
  group_wait: duration().optional().describe('A first message waits so long for others; 0s'),
  group_interval: duration().optional().describe('Between two messages of a group; 0s'),
  repeat_interval: duration({ min: '1m' }).optional().describe('Tells a lasting problem again'),
  active_time_intervals: z.array(z.string()).default([]).describe('Tells within these only'),
  mute_time_intervals: z.array(z.string()).default([]).describe('Tells no problem within these'),
  labels: z.record(labelName, text).default({}).describe('Handed over as routeLabels'),
  escalate: z.array(escalationSchema).default([]),
})

export type RouteConfig = z.output<typeof routeParts> & { readonly routes: readonly RouteConfig[] }
type RouteInput = z.input<typeof routeParts> & {
  readonly routes?: readonly RouteInput[] | undefined
}

/** What a route leaves out it takes from its parent: receiver, group_*, repeat_interval; labels are added to. */
export const routeSchema: z.ZodType<RouteConfig, RouteInput> = routeParts.extend({
  get routes() {
    return z.array(routeSchema).default([])
  },
})

/** While a source fires, targets with the same values of the `equal` labels are told to nobody. */
export const inhibitRuleSchema = z.strictObject({
  name: text.optional(),
  source_matchers: matchers,
  target_matchers: matchers,
  equal: z.array(labelName).default([]),
})

export type InhibitRuleConfig = z.output<typeof inhibitRuleSchema>
