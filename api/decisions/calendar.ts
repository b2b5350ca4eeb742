import { type MaintenanceWindow, type Span, spansBetween } from '../../lib/decisions/window.ts'
import { Problem } from '../problem.ts'
import { type OccurrenceJson, occurrenceJson } from './window-json.ts'

const DAY_MS = 86_400_000
const MOST_DAYS = 400
/** Of one window; one that opens each minute has more in a day. */
const MOST_OF_ONE = 1_000
const MOST = 10_000

/** The time that is asked for: a week from now unless told. Throws Problem. */
export function calendarSpan(
  asked: { readonly from?: number | undefined; readonly to?: number | undefined },
  now: number,
): Span {
  const from = asked.from ?? Math.min(now, asked.to ?? now)
  const until = asked.to ?? from + 7 * DAY_MS
  if (until <= from) throw refused('expected an instant before `to`')
  if (until - from > MOST_DAYS * DAY_MS)
    throw refused(`expected at most ${MOST_DAYS} days before \`to\``)
  return { from, until }
}

/** What is open or opens in that time, in order; `isWhole` is false where that is more than is told. */
export function calendarOf(
  windows: readonly MaintenanceWindow[],
  span: Span,
): { readonly occurrences: OccurrenceJson[]; readonly isWhole: boolean } {
  let isWhole = true
  const found = windows.flatMap((window) => {
    const spans = spansBetween(window, span, MOST_OF_ONE + 1)
    isWhole &&= spans.length <= MOST_OF_ONE
    return spans.slice(0, MOST_OF_ONE).map((one) => ({ window, one }))
  })
  found.sort((a, b) => a.one.from - b.one.from || (a.window.name < b.window.name ? -1 : 1))
  return {
    occurrences: found.slice(0, MOST).map(({ window, one }) => occurrenceJson(window, one)),
    isWhole: isWhole && found.length <= MOST,
  }
}

const refused = (detail: string): Problem =>
  new Problem(400, 'Bad parameter', `from: ${detail}`, { parameter: 'from' })
