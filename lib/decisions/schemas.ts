import { z } from 'zod'
import { MatcherError, checkMatcher, matchesEverything } from '../matchers.ts'
import { checkTimeZone, readCron } from './cron.ts'
import { DecisionError } from './decision-error.ts'

/** What may be kept, and what is read back: bounds included, so that no entry outgrows what others live with. */

const MOST_MATCHERS = 100
const MOST_TEXT = 10_000
/** Further than any plan, and within what a Date can say. */
const MAX_INSTANT = Date.UTC(2200, 0)
const MAX_DURATION_MS = 366 * 86_400_000

const text = z.string().max(MOST_TEXT, { error: `expected at most ${MOST_TEXT} characters` })
const instant = z
  .int({ error: 'expected an instant' })
  .min(0, { error: 'expected an instant after 1970' })
  .max(MAX_INSTANT, { error: 'expected an instant before 2200' })

const matcher = z
  .strictObject({ name: text, value: text, isRegex: z.boolean(), isEqual: z.boolean() })
  .superRefine((value, context) => tell(context, () => checkMatcher(value)))

const matchers = z
  .array(matcher)
  .min(1, { error: 'expected at least one matcher' })
  .max(MOST_MATCHERS, { error: `expected at most ${MOST_MATCHERS} matchers` })
  .superRefine((value, context) =>
    tell(context, () => {
      if (matchesEverything(value))
        throw new MatcherError('expected a matcher that asks for a label: these match everything')
    }),
  )

const edited = { id: text.min(1), createdBy: text, comment: text, updatedAt: instant }

const STARTS_BEFORE_END = { error: 'expected a start that is before the end' }
const isOrdered = ({ startsAt = 0, endsAt = Infinity }: { startsAt?: number; endsAt?: number }) =>
  startsAt < endsAt

export const silenceSchema = z
  .strictObject({ ...edited, matchers, startsAt: instant, endsAt: instant })
  // Expired before it began, both are the instant at which that was done.
  .refine(({ startsAt, endsAt }) => startsAt <= endsAt, STARTS_BEFORE_END)

const onceSchema = z
  .strictObject({ kind: z.literal('once'), startsAt: instant, endsAt: instant })
  .refine(isOrdered, STARTS_BEFORE_END)

const recurringSchema = z
  .strictObject({
    kind: z.literal('recurring'),
    cron: text,
    durationMs: z
      .int()
      .min(1_000, { error: 'expected a duration of at least 1s' })
      .max(MAX_DURATION_MS, { error: 'expected a duration of at most 366d' }),
    timeZone: text,
    startsAt: instant.exactOptional(),
    endsAt: instant.exactOptional(),
  })
  .refine(isOrdered, STARTS_BEFORE_END)
  .superRefine(({ cron, timeZone }, context) =>
    tell(
      { addIssue: (message) => context.addIssue({ code: 'custom', message, path: ['cron'] }) },
      () => {
        checkTimeZone(timeZone)
        if (readCron(cron, timeZone).next(0) !== null) return
        throw new DecisionError('invalid', `expected a time that comes, which ${cron} never does`)
      },
    ),
  )

export const windowSchema = z.strictObject({
  ...edited,
  name: text.min(1, { error: 'expected a name' }),
  matchers,
  schedule: z.discriminatedUnion('kind', [onceSchema, recurringSchema]),
})

export const acknowledgementSchema = z
  .strictObject({
    id: z.string().regex(/^[0-9a-f]{16}$/, { error: 'expected the fingerprint of an alert' }),
    labels: z.record(z.string(), text),
    startsAt: instant,
    createdBy: text,
    comment: text,
    at: instant,
    expiresAt: instant.nullable(),
    sticky: z.boolean(),
  })
  .refine(({ sticky, expiresAt }) => !sticky || expiresAt !== null, {
    error:
      'expected an end: an acknowledgement that outlives its outage would hold back all later ones',
  })

/** The value, or DecisionError `invalid` with what was expected where. */
export function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new DecisionError('invalid', `${what}: ${path === '' ? '' : `${path}: `}${issue?.message}`)
}

function tell(context: { addIssue(issue: string): void }, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof MatcherError) && !(error instanceof DecisionError)) throw error
    context.addIssue(error.message)
  }
}
