import { currentLanguage } from '../core/texts.js'

/** A Monday. */
const MONDAY_MS = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000

/** `{day, name}` from Monday on, short, in the page's language; `day` as cron counts: 0 is Sunday. */
export function weekdays(language = currentLanguage()) {
  const format = new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' })
  return Array.from({ length: 7 }, (_, index) => ({
    day: (index + 1) % 7,
    name: format.format(MONDAY_MS + index * DAY_MS),
  }))
}
