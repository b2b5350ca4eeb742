import pLimit from 'p-limit'
import { NotifyError } from '../notify-error.ts'
import type { Externals } from './externals.ts'

/** Messages that were taken in part are remembered up to this many. */
const REMEMBERED = 1_000
const AT_ONCE = 4

/**
 * Sends a message that goes out in parts; a retry under the same key sends those that weren't taken. Parts that are
 * refused don't keep the others from being taken: the message is, and the log says what is missing. It is refused when all are.
 */
export type SendParts = <T>(
  key: string,
  parts: readonly T[],
  send: (part: T) => Promise<void>,
  signal: AbortSignal,
) => Promise<void>

export function createParts({ log }: Pick<Externals, 'log'>, receiver: string): SendParts {
  const takenOf = new Map<string, Set<number>>()
  return async (key, parts, send, signal) => {
    const taken = takenOf.get(key) ?? new Set()
    const limit = pLimit(AT_ONCE)
    const errors: NotifyError[] = []
    await Promise.all(
      parts.map((part, index) =>
        limit(async () => {
          if (taken.has(index) || signal.aborted) return
          try {
            await send(part)
            taken.add(index)
          } catch (error) {
            if (!(error instanceof NotifyError)) throw error
            errors.push(error)
          }
        }),
      ),
    )
    signal.throwIfAborted()
    const trouble = worstOf(errors)
    if (trouble === undefined || (!trouble.retryable && taken.size > 0)) {
      takenOf.delete(key)
      if (trouble !== undefined)
        log?.warn(
          { receiver, refused: errors.length, of: parts.length, reason: trouble.message },
          'receiver refused a part of a notification',
        )
      return
    }
    if (taken.size > 0) {
      takenOf.delete(key)
      takenOf.set(key, taken)
      const [oldest] = takenOf.keys()
      if (takenOf.size > REMEMBERED && oldest !== undefined) takenOf.delete(oldest)
    }
    throw trouble
  }
}

/** What may yet be taken comes first, and of that what asks for the longest patience. */
const worstOf = (errors: readonly NotifyError[]): NotifyError | undefined =>
  errors.toSorted(
    (a, b) =>
      Number(b.retryable) - Number(a.retryable) || (b.retryAfterMs ?? 0) - (a.retryAfterMs ?? 0),
  )[0]
