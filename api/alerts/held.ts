import type { Decided } from '../../lib/decisions/decided.ts'
import type { Matcher } from '../../lib/matchers.ts'
import { compiledMatchers } from '../decisions/compiled.ts'
import type { Alert, Held } from '../view/alerts.ts'

/** Of several causes the one that says most: what a person decided, then what covers it. */
const ORDER = ['maintenance', 'silence', 'parent', 'inhibition', 'flapping', 'time-interval']

/** Why nobody is told of an alert. That it is acknowledged is no such reason: it has been told. */
export function heldBy(
  { held, labels }: Pick<Alert, 'held' | 'labels'>,
  { silences, windows }: Pick<Decided, 'silences' | 'windows'>,
): Held | null {
  const isAbout = (one: { readonly matchers: readonly Matcher[] } | undefined): boolean =>
    one === undefined || compiledMatchers(one.matchers)(labels)
  // Alerts of one name and device share the series: what a person decided about one of them isn't about the others.
  const own = held.filter(({ by, cause }) => {
    if (by === 'silence') return isAbout(silences.find(({ id }) => id === cause))
    if (by !== 'maintenance') return by !== 'acknowledged'
    const named = windows.filter(({ id, name }) => name === cause || id === cause)
    return named.length === 0 || named.some(isAbout)
  })
  return own.toSorted((one, other) => rankOf(one) - rankOf(other))[0] ?? null
}

function rankOf({ by }: Held): number {
  const rank = ORDER.indexOf(by)
  return rank === -1 ? ORDER.length : rank
}
