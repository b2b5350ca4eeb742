import type { NotifyError } from '../notify-error.ts'
import type { Externals } from './externals.ts'

/** One of a mail's recipients that the server didn't take. */
export type Refusal = { readonly recipient: string; readonly error: NotifyError }

/** Who is to get a mail: all that are configured, or at a retry those that the server asked to wait. */
export type Readers = {
  of(key: string): readonly string[]
  /** Throws where somebody is to be tried again; that somebody is never taken is in the log alone. */
  settle(key: string, refusals: readonly Refusal[]): void
  /** The mail failed for all that were asked. True where the others have it already, and these never will. */
  isSettled(key: string, error: NotifyError): boolean
}

/** Mails that some of their readers have are remembered up to this many. */
const REMEMBERED = 1_000

export function createReaders(
  all: readonly string[],
  receiver: string,
  { log }: Pick<Externals, 'log'>,
): Readers {
  const owedOf = new Map<string, readonly string[]>()
  const tellRefused = (recipient: string, { message: reason }: NotifyError): void =>
    log?.warn({ receiver, recipient, reason }, 'the mail server takes nothing for a recipient')

  return {
    of: (key) => owedOf.get(key) ?? all,
    settle(key, refusals) {
      owedOf.delete(key)
      for (const { recipient, error } of refusals)
        if (!error.retryable) tellRefused(recipient, error)
      const later = refusals.filter(({ error }) => error.retryable)
      if (later[0] === undefined) return
      owedOf.set(
        key,
        later.map(({ recipient }) => recipient),
      )
      const [oldest] = owedOf.keys()
      if (owedOf.size > REMEMBERED && oldest !== undefined) owedOf.delete(oldest)
      throw later[0].error
    },
    isSettled(key, error) {
      const owed = owedOf.get(key)
      if (owed === undefined || error.retryable) return false
      owedOf.delete(key)
      for (const recipient of owed) tellRefused(recipient, error)
      return true
    },
  }
}
