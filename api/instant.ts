import { z } from 'zod'
import { once } from './query-parameters.ts'

/** Clocks of clients run ahead by a little. */
const AHEAD_MS = 1_000
/** Before this nothing was ever kept; it is also what seconds that are milliseconds, or a 0 for "none", give away. */
const EARLIEST_AT = Date.UTC(2000, 0, 1)
const iso = z.iso.datetime({ offset: true })

/** A parameter that is an instant, ISO 8601 with its zone or Unix seconds; Unix milliseconds. */
export const instant = () =>
  z.string({ error: once }).transform((text, context) => {
    const at = readInstant(text)
    if (at !== null && at >= EARLIEST_AT) return at
    if (at !== null) {
      const earliest = new Date(EARLIEST_AT).toISOString()
      context.issues.push(
        refused(text, `expected an instant from ${earliest} on: nothing is kept of earlier ones`),
      )
      return z.NEVER
    }
    context.issues.push(
      refused(text, 'expected an instant such as 2026-11-22T09:45:01Z or Unix seconds'),
    )
    return z.NEVER
  })

/** An instant up to now. */
export const pastInstant = (now: () => number) =>
  instant().transform((at, context) => {
    if (at <= now() + AHEAD_MS) return Math.min(at, now())
    context.issues.push(refused(new Date(at).toISOString(), 'expected an instant that is past'))
    return z.NEVER
  })

/** The parameter `at` of everything that tells a status: left out, it is now. */
export const atParameter = (now: () => number) =>
  pastInstant(now)
    .optional()
    .meta({
      description:
        'What was known at this past instant: ISO 8601 with its zone, or Unix seconds; now unless given',
      examples: ['2026-11-22T09:45:01Z'],
    })

function readInstant(text: string): number | null {
  // A `+` that wasn't escaped arrives as a space.
  const written = text.trim().replace(/ (?=\d\d:\d\d$)/, '+')
  if (/^\d{1,11}(\.\d{1,9})?$/.test(written)) return Math.round(Number(written) * 1000)
  return iso.safeParse(written).success ? Date.parse(written) : null
}

const refused = (text: string, expected: string) => ({
  code: 'custom' as const,
  input: text,
  message: `${expected}, got ${JSON.stringify(text)}`,
})
