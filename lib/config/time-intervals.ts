import { z } from 'zod'
import { requiredText } from './fields.ts'

/** Alertmanager's time intervals: named times of the week, the month and the year. */

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]

/** Both ends belong to it. */
export type Range = { readonly from: number; readonly to: number }

/** `monday:friday`, `5`, `-3:-1`: a text that becomes numbers, or the words for what is wrong. */
const range = (expected: string, parse: (text: string) => Range | null) =>
  z
    .preprocess((value) => (typeof value === 'number' ? String(value) : value), z.string())
    .transform((text, context) => {
      const parsed = parse(text.toLowerCase())
      if (parsed !== null) return parsed
      context.addIssue({ code: 'custom', message: `expected ${expected}` })
      return z.NEVER
    })
    .meta({ type: ['string', 'number'] })

/** Both ends by `value`, in order. */
function ends(text: string, value: (word: string) => number | null): Range | null {
  const [first = '', last = first, ...more] = text.split(':').map((word) => word.trim())
  const [from, to] = [value(first), value(last)]
  if (from === null || to === null || more.length > 0) return null
  return { from, to }
}

const inOrder = (found: Range | null): Range | null =>
  found !== null && found.from <= found.to ? found : null

const between = (word: string, min: number, max: number): number | null => {
  const value = /^-?\d+$/.test(word) ? Number(word) : Number.NaN
  return value >= min && value <= max ? value : null
}

const weekdays = range('days of the week, such as monday:friday', (text) =>
  inOrder(ends(text, (word) => (WEEKDAYS.includes(word) ? WEEKDAYS.indexOf(word) : null))),
)

const months = range('months, such as january:march or 1:3', (text) =>
  inOrder(
    ends(text, (word) => (MONTHS.includes(word) ? MONTHS.indexOf(word) + 1 : between(word, 1, 12))),
  ),
)

const years = range('years, such as 2026:2028', (text) =>
  inOrder(ends(text, (word) => between(word, 1, 9999))),
)

/** Negative ones count from the end of the month; 28 days is the shortest that must hold `from` before `to`. */
const daysOfMonth = range('days of the month, such as 1:5 or -3:-1', (text) => {
  const found = ends(text, (word) => (word === '0' ? null : between(word, -31, 31)))
  if (found === null || (found.from < 0 && found.to > 0)) return null
  const inShortest = (day: number): number => (day < 0 ? 28 + day : day)
  return inShortest(found.from) <= inShortest(found.to) ? found : null
})

const timeOfDay = z
  .string({ error: 'expected a time of day such as "08:30"' })
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: 'expected a time of day such as "08:30"' })
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))

/** Minutes of the day, the end not among them. */
const times = z
  .strictObject({ start_time: timeOfDay, end_time: timeOfDay })
  .refine(({ start_time, end_time }) => start_time < end_time, {
    error: 'expected start_time before end_time; over midnight, give two',
  })
  .transform(({ start_time, end_time }) => ({ from: start_time, to: end_time }))

const location = z.string({ error: 'expected a time zone' }).refine(isTimeZone, {
  error: 'expected a time zone such as Asia/Tbilisi, or Local for that of the machine',
})

const spanSchema = z.strictObject({
  times: z.array(times).optional(),
  weekdays: z.array(weekdays).optional(),
  days_of_month: z.array(daysOfMonth).optional(),
  months: z.array(months).optional(),
  years: z.array(years).optional(),
  location: location
    .default('UTC')
    .describe('Time zone, such as Asia/Tbilisi; Local: the machine’s'),
})

export const timeIntervalSchema = z.strictObject({
  name: requiredText('a name'),
  time_intervals: z.array(spanSchema).default([]).describe('Any of them'),
})

function isTimeZone(name: string): boolean {
  if (name === 'Local') return true
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** What all of its parts hold in; a part that is left out holds always. */
export type TimeSpan = z.output<typeof spanSchema>
export type TimeIntervalConfig = z.output<typeof timeIntervalSchema>
