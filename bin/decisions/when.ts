import { checkTimeZone, parseInstant } from '../../lib/decisions/cron.ts'
import { DecisionError } from '../../lib/decisions/decision-error.ts'
import { parseDuration } from '../../lib/duration.ts'
import { StartError } from '../../lib/start-error.ts'

export type WhenOptions = {
  readonly from?: string
  readonly for?: string
  readonly until?: string
  readonly timeZone?: string
}

/** The time zone that instants without an offset are in: this machine's unless told. Throws StartError for what is none. */
export function timeZoneOf({ timeZone }: WhenOptions): string {
  if (timeZone === undefined) return Intl.DateTimeFormat().resolvedOptions().timeZone
  try {
    checkTimeZone(timeZone)
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error
    throw new StartError(`--time-zone: ${error.message}`, { cause: error })
  }
  return timeZone
}

/** `--from` (now unless told) and what `--for` or `--until` makes of it; null when neither is given. */
export function readWhen(
  options: WhenOptions,
  now: number,
): { startsAt: number; endsAt: number | null } {
  const zone = timeZoneOf(options)
  const startsAt = options.from === undefined ? now : readInstant('--from', options.from, zone)
  if (options.for !== undefined && options.until !== undefined)
    throw new StartError('expected --for or --until, not both')
  if (options.for !== undefined)
    return { startsAt, endsAt: startsAt + readDuration('--for', options.for) }
  const endsAt = options.until === undefined ? null : readInstant('--until', options.until, zone)
  if (endsAt !== null && endsAt <= startsAt)
    throw new StartError('expected an end (--until) that is after the beginning')
  return { startsAt, endsAt }
}

export function readDuration(option: string, text: string): number {
  const ms = parseDuration(text)
  if (ms !== null && ms > 0) return ms
  throw new StartError(
    `${option}: expected a duration such as 2h or 30m, got ${JSON.stringify(text)}`,
  )
}

function readInstant(option: string, text: string, timeZone: string): number {
  const at = parseInstant(text, timeZone)
  if (at !== null) return at
  throw new StartError(
    `${option}: expected an instant such as "2026-08-21 22:00" or 2026-08-21T22:00:00+04:00, got ${JSON.stringify(text)}`,
  )
}

/** `2026-08-21 22:00`, on the clock of this machine. */
export function formatInstant(at: number): string {
  return INSTANT.format(at)
}

// Swedish writes dates as ISO 8601 does.
const INSTANT = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
