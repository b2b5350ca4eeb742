import { z } from '@hono/zod-openapi'
import { REORDERING_REFUSED, reorderingIn } from '../../lib/invisible.ts'

// What the bodies of decisions are made of; the messages say what was expected.

const MOST_TEXT = 10_000
const iso = z.iso.datetime({ offset: true })

/** An instant with its zone; Unix milliseconds. */
export const instantText = z
  .string({ error: 'expected an instant such as 2026-11-22T09:45:00Z' })
  .transform((text, context) => {
    if (iso.safeParse(text).success) return Date.parse(text)
    context.issues.push({
      code: 'custom',
      input: text,
      message: `expected an instant with its zone, such as 2026-11-22T09:45:00Z or 2026-11-22T13:45:00+04:00, got ${JSON.stringify(text)}`,
    })
    return z.NEVER
  })
  .openapi({ type: 'string', format: 'date-time', example: '2026-11-22T09:45:00Z' })

/** An instant that may be left out. */
export const noInstantText = instantText
  .nullish()
  .transform((at) => at ?? undefined)
  .openapi({ type: ['string', 'null'], format: 'date-time' })

/** Free text, '' when it isn't given. */
export const remarkText = z
  .string({ error: 'expected a text' })
  .trim()
  .max(MOST_TEXT, { error: `expected at most ${MOST_TEXT} characters` })
  .refine((text) => reorderingIn(text) === null, { error: REORDERING_REFUSED })
  .default('')

/** Why: silences without a reason are what nobody dares to end. */
export const commentText = z
  .string({ error: 'expected a comment: why' })
  .trim()
  .min(1, { error: 'expected a comment: why' })
  .max(MOST_TEXT, { error: `expected at most ${MOST_TEXT} characters` })
  .refine((text) => reorderingIn(text) === null, { error: REORDERING_REFUSED })
  .meta({ examples: ['new roof'] })

export const shortText = (what: string) =>
  z.string({ error: `expected ${what}` }).min(1, { error: `expected ${what}` })
