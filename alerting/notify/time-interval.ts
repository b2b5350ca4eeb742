import type { TimeIntervalConfig, TimeSpan } from '../../lib/config/routing.ts'

type LocalTime = {
  readonly minute: number
  readonly weekday: number
  readonly day: number
  readonly month: number
  readonly year: number
}

/** Whether `at` lies in the interval, by the clocks of its own location. As Alertmanager has it: to the minute. */
export function isWithin({ time_intervals }: TimeIntervalConfig, at: number): boolean {
  return time_intervals.some((span) => spanHolds(span, localTime(at, span.location)))
}

function spanHolds(
  { times, weekdays, days_of_month, months, years }: TimeSpan,
  { minute, weekday, day, month, year }: LocalTime,
): boolean {
  const holds = (ranges: readonly { from: number; to: number }[] | undefined, value: number) =>
    ranges === undefined || ranges.some(({ from, to }) => value >= from && value <= to)
  const last = new Date(Date.UTC(year, month, 0)).getUTCDate()
  const dates = days_of_month
    ?.map(({ from, to }) => ({ from: dayOf(from, last), to: dayOf(to, last) }))
    .filter(({ from }) => from <= last)
  return (
    (times === undefined || times.some(({ from, to }) => minute >= from && minute < to)) &&
    holds(weekdays, weekday) &&
    holds(dates, day) &&
    holds(months, month) &&
    holds(years, year)
  )
}

/** `-1` is the last day of the month. */
const dayOf = (day: number, last: number): number => (day < 0 ? Math.max(1, last + day + 1) : day)

const formats = new Map<string, Intl.DateTimeFormat>()
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

function localTime(at: number, location: string): LocalTime {
  let format = formats.get(location)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      ...(location === 'Local' ? {} : { timeZone: location }),
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
    formats.set(location, format)
  }
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const number = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  return {
    minute: number('hour') * 60 + number('minute'),
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
    day: number('day'),
    month: number('month'),
    year: number('year'),
  }
}
