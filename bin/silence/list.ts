import { type Silence, silenceState } from '../../lib/decisions/silence.ts'
import { formatMatcher, formatMatchers } from '../../lib/matchers.ts'
import type { Desk } from '../decisions/desk.ts'
import { type ScopeOptions, concerns, readMatchers } from '../decisions/scope.ts'
import { formatInstant } from '../decisions/when.ts'
import type { Output } from '../output.ts'
import { alignedLines } from '../snmp/table.ts'

export type ListSilencesOptions = ScopeOptions & {
  readonly expired?: boolean
  readonly json?: boolean
}

/** `wardline silence list`: those in force and to come, or those that ended, too. */
export async function listSilences(
  desk: Desk,
  words: readonly string[],
  options: ListSilencesOptions,
  output: Output,
): Promise<number> {
  const wanted = readMatchers(words).map(formatMatcher)
  const { silences } = await desk.read()
  const found = silences
    .filter((silence) => options.expired === true || stateOf(silence) !== 'expired')
    .filter(({ matchers }) => {
      const own = matchers.map(formatMatcher)
      return concerns(matchers, options) && wanted.every((matcher) => own.includes(matcher))
    })
    .sort((one, other) => one.endsAt - other.endsAt)
  if (options.json === true) {
    const withState = found.map((silence) => ({ ...silence, state: stateOf(silence) }))
    output.print(JSON.stringify(withState, null, 2))
    return 0
  }
  const rows = found.map((silence) => [
    silence.id,
    stateOf(silence),
    formatInstant(silence.startsAt),
    formatInstant(silence.endsAt),
    silence.createdBy,
    formatMatchers(silence.matchers),
    silence.comment,
  ])
  const head = ['id', 'state', 'from', 'until', 'author', 'matchers', 'comment']
  for (const line of alignedLines([head, ...rows])) output.print(line)
  return 0

  function stateOf(silence: Silence) {
    return silenceState(silence, desk.now)
  }
}
