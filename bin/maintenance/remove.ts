import { StartError } from '../../lib/start-error.ts'
import type { Desk } from '../decisions/desk.ts'
import { findId } from '../decisions/options.ts'
import type { Output } from '../output.ts'

/** `wardline maintenance remove`: all that are named, or none when one of them isn't there. */
export async function removeWindows(
  desk: Desk,
  words: readonly string[],
  { author }: { readonly author: string },
  output: Output,
): Promise<number> {
  const ids = await desk.ids('window')
  const found = words.map((word) => {
    if (!word.startsWith('config:')) return findId(ids, word, 'maintenance window')
    throw new StartError(`${word} stands in the configuration: remove it from maintenance: there`)
  })
  for (const id of found) {
    await desk.edits.removeWindow(id, author)
    output.print(`${id} removed`)
  }
  return 0
}
