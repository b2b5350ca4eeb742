import type { Duration, Time, Value } from './value.ts'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

const LAYOUT =
  /January|Jan|Monday|Mon|MST|2006|Z07:00:00|Z07:00|Z0700|Z070000|Z07|-07:00:00|-07:00|-070000|-0700|-07|002|__2|_2|01|02|03|04|05|06|15|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5/g

/** The instant, in UTC, by a layout of Go: the words of `Mon Jan 2 15:04:05 2006` stand for what they are. */
export function formatTime({ at }: Time, layout: string): string {
  const date = new Date(at)
  const two = (value: number): string => String(value).padStart(2, '0')
  const month = MONTHS[date.getUTCMonth()] ?? ''
  const weekday = DAYS[date.getUTCDay()] ?? ''
  const [day, hour] = [date.getUTCDate(), date.getUTCHours()]
  const hour12 = hour % 12 === 0 ? 12 : hour % 12
  const parts: Readonly<Record<string, () => string>> = {
    January: () => month,
    Jan: () => month.slice(0, 3),
    '1': () => String(date.getUTCMonth() + 1),
    '01': () => two(date.getUTCMonth() + 1),
    Monday: () => weekday,
    Mon: () => weekday.slice(0, 3),
    '2': () => String(day),
    _2: () => String(day).padStart(2),
    '02': () => two(day),
    __2: () => String(dayOfYear(date)).padStart(3),
    '002': () => String(dayOfYear(date)).padStart(3, '0'),
    '15': () => two(hour),
    '3': () => String(hour12),
    '03': () => two(hour12),
    '4': () => String(date.getUTCMinutes()),
    '04': () => two(date.getUTCMinutes()),
    '5': () => String(date.getUTCSeconds()),
    '05': () => two(date.getUTCSeconds()),
    '2006': () => String(date.getUTCFullYear()).padStart(4, '0'),
    '06': () => two(date.getUTCFullYear() % 100),
    PM: () => (hour >= 12 ? 'PM' : 'AM'),
    pm: () => (hour >= 12 ? 'pm' : 'am'),
    MST: () => 'UTC',
  }
  return layout.replace(LAYOUT, (word) => parts[word]?.() ?? zoneOrFraction(word, date))
}

function zoneOrFraction(word: string, date: Date): string {
  if (word.startsWith('Z')) return 'Z'
  if (word.startsWith('-')) return word.replace('-', '+').replace('07', '00')
  const digits = date.getUTCMilliseconds().toString().padStart(3, '0').padEnd(9, '0')
  const shown = digits.slice(0, word.length - 1)
  if (word[1] === '0') return word.charAt(0) + shown
  const trimmed = shown.replace(/0+$/, '')
  return trimmed === '' ? '' : word.charAt(0) + trimmed
}

const dayOfYear = (date: Date): number =>
  Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1

/** As a time prints itself. */
export const timeText = (time: Time): string =>
  formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')

/** `1h30m0s`, `1.5s`, `200ms`: as a duration prints itself. */
export function durationText({ ns }: Duration): string {
  if (ns === 0n) return '0s'
  const sign = ns < 0n ? '-' : ''
  const size = ns < 0n ? -ns : ns
  if (size < 1_000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${decimal(size, 3)}µs`
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 6)}ms`
  const minutes = size / 60_000_000_000n
  const seconds = `${decimal(size % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return sign + seconds
  const hours = minutes / 60n
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`
}

function decimal(value: bigint, places: number): string {
  const text = value.toString().padStart(places + 1, '0')
  const fraction = text.slice(-places).replace(/0+$/, '')
  return text.slice(0, -places) + (fraction === '' ? '' : `.${fraction}`)
}

type Method = (...operands: readonly Value[]) => Value

/** What a template may call on a time, by name. */
export function timeMethods(time: Time): Readonly<Record<string, Method>> {
  const { at } = time
  const date = new Date(at)
  const other = (value: Value | undefined): number => (isTime(value) ? value.at : Number.NaN)
  return {
    Format: (layout) => formatTime(time, String(layout)),
    String: () => timeText(time),
    UTC: () => time,
    Local: () => time,
    Unix: () => BigInt(Math.floor(at / 1000)),
    UnixMilli: () => BigInt(Math.round(at)),
    UnixMicro: () => BigInt(Math.round(at)) * 1_000n,
    UnixNano: () => BigInt(Math.round(at)) * 1_000_000n,
    Year: () => BigInt(date.getUTCFullYear()),
    Month: () => MONTHS[date.getUTCMonth()] ?? '',
    Day: () => BigInt(date.getUTCDate()),
    Weekday: () => DAYS[date.getUTCDay()] ?? '',
    YearDay: () => BigInt(dayOfYear(date)),
    Hour: () => BigInt(date.getUTCHours()),
    Minute: () => BigInt(date.getUTCMinutes()),
    Second: () => BigInt(date.getUTCSeconds()),
    Nanosecond: () => BigInt(date.getUTCMilliseconds()) * 1_000_000n,
    IsZero: () => at === Date.UTC(1, 0, 1),
    Add: (duration) => ({ kind: 'time', at: at + (isDuration(duration) ? toMs(duration) : 0) }),
    Sub: (earlier) => ({
      kind: 'duration',
      ns: BigInt(Math.round((at - other(earlier)) * 1_000_000)),
    }),
    After: (value) => at > other(value),
    Before: (value) => at < other(value),
    Equal: (value) => at === other(value),
  }
}

/** What a template may call on a duration, by name. */
export function durationMethods(duration: Duration): Readonly<Record<string, Method>> {
  const { ns } = duration
  return {
    String: () => durationText(duration),
    Hours: () => Number(ns) / 3_600e9,
    Minutes: () => Number(ns) / 60e9,
    Seconds: () => Number(ns) / 1e9,
    Milliseconds: () => ns / 1_000_000n,
    Microseconds: () => ns / 1_000n,
    Nanoseconds: () => ns,
    Abs: () => ({ kind: 'duration', ns: ns < 0n ? -ns : ns }),
  }
}

export const isTime = (value: Value | undefined): value is Time =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'time'
export const isDuration = (value: Value | undefined): value is Duration =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'duration'

const toMs = ({ ns }: Duration): number => Number(ns) / 1e6
