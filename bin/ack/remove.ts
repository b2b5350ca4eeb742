import type { Desk } from '../decisions/desk.ts'
import { findId } from '../decisions/options.ts'
import type { Output } from '../output.ts'

/** `wardline ack remove`: all that are named, or none when one of them isn't there. */
export async function removeAcknowledgements(
  desk: Desk,
  words: readonly string[],
  { author }: { readonly author: string },
  output: Output,
): Promise<number> {
  const ids = await desk.ids('acknowledgement')
  const found = words.map((word) => findId(ids, word, 'acknowledgement'))
  for (const id of found) {
    await desk.edits.removeAcknowledgement(id, author)
    output.print(`${id} removed`)
  }
  return 0
}
