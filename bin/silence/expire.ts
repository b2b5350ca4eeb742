import type { Desk } from '../decisions/desk.ts'
import { findId } from '../decisions/options.ts'
import type { Output } from '../output.ts'

/** `wardline silence expire`: all that are named, or none when one of them isn't there. */
export async function expireSilences(
  desk: Desk,
  words: readonly string[],
  { author }: { readonly author: string },
  output: Output,
): Promise<number> {
  const ids = await desk.ids('silence')
  const found = words.map((word) => findId(ids, word, 'silence'))
  for (const id of found) {
    await desk.edits.expireSilence(id, author)
    output.print(`${id} expired`)
  }
  return 0
}
