import { Cron } from 'croner'
import { DecisionError } from './decision-error.ts'

/** When a recurring thing begins. Instants are Unix milliseconds; null where there is none in reach. */
export type Beginnings = {
  /** The latest at or before `at`. */
  last(at: number): number | null
  /** The first after `at`. */
  next(at: number): number | null
}

/**
 * `0 2 * * 0` on the clock of an IANA time zone. A fixed time that the clock jumps over begins when it has jumped,
 * one that comes twice begins the first time; every hour or minute is every one that there is. Throws DecisionError.
 */
export function readCron(cron: string, timeZone: string): Beginnings {
  checkTimeZone(timeZone)
  let job: Cron
  try {
    job = new Cron(cron, { timezone: timeZone, paused: true, mode: '5-part' })
  } catch (error) {
    const why = (error as Error).message.replace(/^\w+: /, '')
    throw new DecisionError(
      'invalid',
      `expected a cron expression of five parts such as "0 2 * * 0", got ${JSON.stringify(cron)} (${why})`,
      { cause: error },
    )
  }
  return {
    last: (at) => job.previousRuns(1, new Date(at + 1))[0]?.getTime() ?? null,
    next: (at) => job.nextRun(new Date(at))?.getTime() ?? null,
  }
}

/** Throws DecisionError for what is no IANA time zone. */
export function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone })
  } catch (error) {
    throw new DecisionError(
      'invalid',
      `expected a time zone such as Europe/Berlin, got ${JSON.stringify(timeZone)}`,
      { cause: error },
    )
  }
}

const LOCAL = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?)?$/
const OFFSET = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i

/**
 * The instant of `2026-03-29T02:00:00+01:00`, or of `2026-03-29 02:00` and `2026-03-29` on the clock of the time zone.
 * Null when it is neither.
 */
export function parseInstant(text: string, timeZone: string): number | null {
  if (!isDate(text.slice(0, 10))) return null
  if (OFFSET.test(text)) return finite(Date.parse(text.toUpperCase()))
  const [, date, time = '00:00', seconds = ':00'] = LOCAL.exec(text) ?? []
  if (date === undefined) return null
  try {
    const once = new Cron(`${date}T${time}${seconds}`, { timezone: timeZone, paused: true })
    return once.getOnce()?.getTime() ?? null
  } catch {
    return null // such as 25:00
  }
}

/** The 30th of February is none, though Date takes it for one in March. */
function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

const finite = (at: number): number | null => (Number.isNaN(at) ? null : at)
