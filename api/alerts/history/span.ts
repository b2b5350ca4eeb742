import { Problem } from '../../problem.ts'

/** Unix milliseconds. */
export type HistorySpan = { readonly from: number; readonly to: number }

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MOST_DAYS = 31

/** The time that is asked for: the last 24 hours unless told. Throws Problem. */
export function historySpan(
  asked: { readonly from?: number | undefined; readonly to?: number | undefined },
  now: number,
): HistorySpan {
  const to = Math.min(asked.to ?? now, now)
  const from = asked.from ?? to - DAY_MS
  if (from >= to) throw refused('expected an instant before `to`, and before now')
  if (to - from > MOST_DAYS * DAY_MS)
    throw refused(
      `expected at most ${MOST_DAYS} days before \`to\`: ask for one part after the other`,
    )
  return { from, to }
}

const refused = (detail: string): Problem =>
  new Problem(400, 'Bad parameter', `from: ${detail}`, { parameter: 'from' })
