import { text } from './texts.js'

/** Days and months by their names. They are of the texts: a browser has no names in each language that the page has. */

/** As cron counts them: 0 is Sunday. */
const FROM_MONDAY = [1, 2, 3, 4, 5, 6, 0]

/** `{day, name}` from Monday on, short. */
export const weekdays = () => FROM_MONDAY.map((day) => ({ day, name: weekdayName(day) }))

/** `Mon`, of a day as cron counts it. */
export const weekdayName = (day) => text(`weekday.${day}`)

/** `November 2026`. */
export const monthName = (at) => `${month(at)} ${at.getFullYear()}`

/** `Mon, 16 November`. */
export const longDay = (day) => `${weekdayName(day.getDay())}, ${day.getDate()} ${month(day)}`

/** `16 – 22 November 2026`, of the first and the last day. */
export function daysName(first, last) {
  const isSameMonth = month(first) === month(last)
  const begins = isSameMonth ? first.getDate() : `${first.getDate()} ${month(first)}`
  return `${begins} – ${last.getDate()} ${month(last)} ${last.getFullYear()}`
}

const month = (at) => text(`month.${at.getMonth() + 1}`)
