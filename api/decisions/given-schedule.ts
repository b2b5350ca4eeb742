import { z } from '@hono/zod-openapi'
import { checkTimeZone, readCron } from '../../lib/decisions/cron.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import { instantText, noInstantText } from './fields.ts'

/** When a window is open, as a body says it. */

const MOST_SECONDS = 366 * 86_400

const once = z
  .strictObject({
    kind: z.literal('once'),
    starts_at: instantText.describe(
      'It may be past: whoever asks later why nothing was told finds it',
    ),
    ends_at: instantText,
  })
  .refine(({ starts_at, ends_at }) => starts_at < ends_at, {
    path: ['ends_at'],
    error: 'expected an instant after starts_at',
  })

const recurring = z
  .strictObject({
    kind: z.literal('recurring'),
    cron: z.string({ error: 'expected a cron expression of five parts such as "0 2 * * 0"' }).meta({
      description: 'When it begins, on the clock of the time zone',
      examples: ['0 2 * * 0'],
    }),
    duration_seconds: z
      .number({ error: 'expected a number of seconds' })
      .min(1, { error: 'expected at least 1 second' })
      .max(MOST_SECONDS, { error: 'expected at most 366 days' })
      .meta({
        description: 'As time passes, whatever the clock is set to meanwhile',
        examples: [7200],
      }),
    time_zone: z
      .string({ error: 'expected a time zone such as Asia/Tbilisi' })
      .default('UTC')
      .meta({ examples: ['Asia/Tbilisi'] }),
    starts_at: noInstantText.describe('No beginning before that'),
    ends_at: noInstantText.describe('It is over for good then'),
  })
  .superRefine(({ cron, time_zone, starts_at = 0, ends_at = Infinity }, context) => {
    const fail = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (starts_at >= ends_at) fail('ends_at', 'expected an instant after starts_at')
    const inZone = refusalOf(() => checkTimeZone(time_zone))
    if (inZone !== null) return fail('time_zone', inZone)
    const never = `expected a time that comes, which ${cron} never does`
    const refused = refusalOf(() => {
      if (readCron(cron, time_zone).next(0) === null) throw new DecisionError('invalid', never)
    })
    if (refused !== null) fail('cron', refused)
  })

export const givenSchedule = z.discriminatedUnion('kind', [once, recurring], {
  error: 'expected kind "once" or "recurring"',
})

export type GivenSchedule = z.output<typeof givenSchedule>

function refusalOf(check: () => void): string | null {
  try {
    check()
    return null
  } catch (error) {
    if (error instanceof DecisionError) return error.message
    throw error
  }
}
