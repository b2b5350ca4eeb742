import { checkTimeZone, parseInstant } from '../../lib/decisions/cron.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import { Problem } from '../problem.ts'
import type { Span } from './spans.ts'

export type RangeAsked = {
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly month?: string | undefined
  readonly tz: string
}

const MINUTE_MS = 60_000
const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/
/** Whole minutes: who asks for the running month twice in one of them asks the same. */
const upToNow = (now: number): number => Math.floor(now / MINUTE_MS) * MINUTE_MS

/**
 * The time that a report is about: a month on the clock of the time zone, or from one instant to another; the running
 * month unless told. It ends now at the latest. Throws a Problem.
 */
export function rangeOf(
  asked: RangeAsked,
  now: number,
): { readonly range: Span; readonly month: string | null } {
  const { tz } = asked
  try {
    checkTimeZone(tz)
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error
    throw refused('tz', error.message)
  }
  const isFree = asked.from !== undefined || asked.to !== undefined
  if (isFree && asked.month !== undefined)
    throw refused('month', 'expected either a month, or `from` and `to`, got both')
  const month = isFree ? null : (asked.month ?? monthAt(now, tz))
  const { from, until } = month === null ? freeRange(asked, now) : monthRange(month, tz)
  const range = { from, until: until > now ? upToNow(now) : until }
  if (range.from >= range.until)
    throw refused(
      month === null ? 'from' : 'month',
      'expected a time of which something is past already, and `from` before `to`',
    )
  return { range, month }
}

function monthRange(month: string, tz: string): Span {
  const [, year = '', number = ''] = MONTH.exec(month) ?? []
  const next = new Date(Date.UTC(Number(year), Number(number))).toISOString().slice(0, 7)
  const [from, until] = [parseInstant(`${month}-01`, tz), parseInstant(`${next}-01`, tz)]
  if (year === '' || from === null || until === null)
    throw refused('month', `expected a month such as 2026-10, got ${JSON.stringify(month)}`)
  return { from, until }
}

function freeRange({ from, to, tz }: RangeAsked, now: number): Span {
  if (from === undefined)
    throw refused('from', 'expected the instant to begin with, since there is a `to`')
  return {
    from: instantOf('from', from, tz),
    until: to === undefined ? now : instantOf('to', to, tz),
  }
}

function instantOf(parameter: string, text: string, tz: string): number {
  // A `+` that wasn't escaped arrives as a space.
  const written = text.includes('T') ? text.replace(/ (?=\d\d:\d\d$)/, '+') : text.trim()
  const at = /^\d{1,11}$/.test(written) ? Number(written) * 1000 : parseInstant(written, tz)
  if (at !== null) return at
  throw refused(
    parameter,
    `expected an instant such as 2026-10-01T00:00:00+04:00, a day such as 2026-10-01, or Unix seconds, got ${JSON.stringify(text)}`,
  )
}

function monthAt(now: number, tz: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: tz,
    year: 'numeric',
    month: '2-digit',
  }).formatToParts(now)
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year')}-${part('month')}`
}

const refused = (parameter: string, message: string): Problem =>
  new Problem(400, 'Bad parameter', `${parameter}: ${message}`, { parameter })
