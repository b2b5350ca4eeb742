import { pastInstant } from '../instant.ts'
import { Problem } from '../problem.ts'
import { oneOf, queryOf } from '../query-parameters.ts'
import { LONGEST_MS, RANGES, type RangeName, type Span, rangeMs } from './ranges.ts'

/** What a history can be asked for: a range up to now, or what lies between two instants. */
export const spanParameters = (now: () => number) => ({
  range: oneOf(RANGES).optional().meta({ description: 'Up to now; 24h unless anything is given' }),
  from: pastInstant(now)
    .optional()
    .meta({ description: 'Instead of a range: from this instant, ISO 8601 or Unix seconds' }),
  to: pastInstant(now).optional().meta({ description: 'To this instant; now unless given' }),
})

export const historyQuery = (now: () => number) => queryOf(spanParameters(now))

/** The shortest that has a point. */
const SHORTEST_MS = 10_000

/** Throws a Problem where the parameters contradict each other. */
export function spanOf(
  {
    range,
    from,
    to,
  }: {
    readonly range?: RangeName | undefined
    readonly from?: number | undefined
    readonly to?: number | undefined
  },
  now: number,
): Span {
  if (from === undefined) {
    if (to !== undefined)
      throw refused('from', 'expected the instant to begin with, since there is a `to`')
    const name = range ?? '24h'
    return { range: name, start: now - rangeMs(name), end: now }
  }
  if (range !== undefined)
    throw refused('range', 'expected either a range, or `from` and `to`, got both')
  const end = to ?? now
  if (end - from < SHORTEST_MS)
    throw refused('from', 'expected an instant at least 10 s before that of `to`')
  if (end - from > LONGEST_MS)
    throw refused('from', 'expected an instant at most 396 days before that of `to`')
  return { range: null, start: from, end }
}

const refused = (parameter: string, message: string): Problem =>
  new Problem(400, 'Bad parameter', `${parameter}: ${message}`, { parameter })
