import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Parameter } from '../query-parameters.ts'

/** Clocks of clients run ahead by a little. */
const AHEAD_MS = 1_000
const iso = z.iso.datetime({ offset: true })

/** An instant up to now, as ISO 8601 with its zone or in Unix seconds; Unix milliseconds. Now when it isn't there. */
export function pastInstant(now: () => number): Parameter<number> {
  return (name, values) => {
    const at = now()
    const [text] = values
    if (text === undefined) return at
    const asked = values.length === 1 ? readInstant(text) : null
    if (asked === null)
      throw refused(name, `expected an instant such as 2026-11-22T09:45:01Z or Unix seconds`, text)
    if (asked > at + AHEAD_MS) throw refused(name, `expected an instant that is past`, text)
    return Math.min(asked, at)
  }
}

function readInstant(text: string): number | null {
  // A `+` that wasn't escaped arrives as a space.
  const written = text.trim().replace(/ (?=\d\d:\d\d$)/, '+')
  if (/^\d{1,12}(\.\d{1,9})?$/.test(written)) return Math.round(Number(written) * 1000)
  return iso.safeParse(written).success ? Date.parse(written) : null
}

const refused = (name: string, expected: string, text: string): Problem =>
  new Problem(400, 'Bad parameter', `${name}: ${expected}, got ${JSON.stringify(text)}`, {
    parameter: name,
  })
