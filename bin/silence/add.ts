import { formatMatchers } from '../../lib/matchers.ts'
import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import { type ScopeOptions, matchersOf } from '../decisions/scope.ts'
import { type WhenOptions, formatInstant, readWhen } from '../decisions/when.ts'
import type { Output } from '../output.ts'

export type AddSilenceOptions = ScopeOptions &
  WhenOptions & { readonly comment: string; readonly author: string; readonly json?: boolean }

/** `wardline silence add` */
export async function addSilence(
  desk: Desk,
  words: readonly string[],
  options: AddSilenceOptions,
  output: Output,
): Promise<number> {
  const { startsAt, endsAt } = readWhen(options, desk.now)
  if (endsAt === null) throw new StartError('expected how long: --for 2h, or --until')
  if (endsAt <= desk.now) throw new StartError('expected an end that is to come')
  const silence = await desk.edits.putSilence({
    matchers: await matchersOf(words, options, desk.source),
    ...(options.from !== undefined && { startsAt }),
    endsAt,
    createdBy: options.author,
    comment: options.comment,
  })
  if (options.json === true) output.print(JSON.stringify(silence, null, 2))
  else {
    output.print(silence.id)
    output.print(`${formatMatchers(silence.matchers)} until ${formatInstant(silence.endsAt)}`)
  }
  return 0
}
