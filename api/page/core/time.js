import { h, setAttribute, setText } from './dom.js'

/** Times in the viewer's zone; UTC is one hover away. */

const DAY_MS = 86_400_000
let formats = formatsOf(undefined)

/** Writes dates as `language` does; in the country that the browser says, where it is of that language. */
export function setTimeLanguage(language, preferred = navigator.languages) {
  formats = formatsOf(preferred.find((tag) => tag.split('-')[0] === language) ?? language)
}

function formatsOf(locale) {
  // Chromium has no names of months and days in Georgian: numbers then, as 21.11.2026.
  const isNamed = locale === undefined || Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0
  const known = isNamed ? locale : 'de'
  const of = (options) => new Intl.DateTimeFormat(known, { hourCycle: 'h23', ...options })
  const numeric = { day: '2-digit', month: '2-digit' }
  const day = isNamed ? { day: 'numeric', month: 'short' } : numeric
  const clock = { hour: '2-digit', minute: '2-digit' }
  return {
    clock: of({ ...clock, second: '2-digit' }),
    minute: of(clock),
    day: of(day),
    dayYear: of({ ...day, year: 'numeric' }),
    weekday: of(isNamed ? { weekday: 'short', day: 'numeric' } : numeric),
  }
}

/** `14:02:11` for today, `21 Nov 14:02:11` for other days. `now` is in milliseconds; null: the day is always told. */
export function localTime(iso, now) {
  if (iso === null || iso === undefined) return '–'
  const at = new Date(iso)
  const today = new Date(now ?? Date.now())
  const isToday = now !== null && at.toDateString() === today.toDateString()
  if (isToday) return formats.clock.format(at)
  return `${localDay(at, today)} ${formats.clock.format(at)}`
}

function localDay(at, today) {
  return (at.getFullYear() === today.getFullYear() ? formats.day : formats.dayYear).format(at)
}

/** `2026-11-22 10:02:11 UTC`. */
export const utcTime = (iso) => `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`

/** A `<time>`: the viewer's zone to read, UTC to hover. */
export function timeElement(iso, now) {
  const element = h('time')
  setTime(element, iso, now)
  return element
}

/** Writes an instant into a `<time>`; null is a dash. */
export function setTime(element, iso, now) {
  setText(element, localTime(iso, now))
  setAttribute(element, 'datetime', iso ?? null)
  setAttribute(element, 'title', iso === null || iso === undefined ? null : utcTime(iso))
}

/** The tick label of an axis that spans `spanMs`. */
export function axisTime(ms, spanMs) {
  const at = new Date(ms)
  if (spanMs > 40 * DAY_MS) return formats.day.format(at)
  if (spanMs > 1.5 * DAY_MS) return formats.weekday.format(at)
  return formats.minute.format(at)
}

/** `Asia/Tbilisi`. */
export const timeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The value of an `<input type=datetime-local>` for an instant in milliseconds, and back. */
export const inputValue = (ms) => shifted(ms).slice(0, 16)

/** The same to the second. */
export const inputSeconds = (ms) => shifted(ms).slice(0, 19)

const shifted = (ms) => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString()

export const fromInput = (value) => new Date(value).toISOString()
