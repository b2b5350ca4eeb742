import { z } from 'zod'
import { duration } from '../duration.ts'
import { flag, requiredText } from './fields.ts'

/** Which alerts go to whom, when, and grouped by what: Alertmanager's route tree, with escalation. */

const escalationSchema = z.strictObject({
  after: duration({ min: '1s' }).describe('Since the alert began to fire, unacknowledged'),
  receiver: requiredText('the name of a receiver'),
})

const routeParts = z.strictObject({
  receiver: requiredText('the name of a receiver').optional(),
  matchers: z.array(z.string()).default([]).describe('All must match: severity="critical"'),
  continue: flag.default(false).describe('Siblings after it are tried too'),
  group_by: z.array(z.string()).optional().describe('Told in one message; "..." is all labels'),
  group_wait: duration().optional(),
  group_interval: duration().optional(),
  repeat_interval: duration({ min: '1m' }).optional(),
  active_time_intervals: z.array(z.string()).default([]),
  mute_time_intervals: z.array(z.string()).default([]),
  escalate: z.array(escalationSchema).default([]),
})

export type RouteConfig = z.output<typeof routeParts> & { readonly routes: readonly RouteConfig[] }
type RouteInput = z.input<typeof routeParts> & {
  readonly routes?: readonly RouteInput[] | undefined
}

/** What a route leaves out it takes from its parent. */
export const routeSchema: z.ZodType<RouteConfig, RouteInput> = routeParts.extend({
  get routes() {
    return z.array(routeSchema).default([])
  },
})
