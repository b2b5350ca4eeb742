import type { Asking } from './asking.ts'
import { SnmpError } from './error.ts'
import type { Slots } from './slots.ts'

/** One question to an agent, until it is answered or given up. Whatever settles it first counts; the rest is nothing. */
export type Exchange<T> = {
  answer(value: T): void
  /** The agent refused, or the answer is unusable: no further try helps. */
  refuse(error: SnmpError): void
  /** A try couldn't be sent: the next one may be. */
  unsent(error: Error): void
}

export type Door = {
  /** Sends one try. */
  attempt(): void
  /** Nothing is waited for any more: answers to any try are late from now on. */
  settled(): void
}

/** What all exchanges of a transport share: they end with it. */
export type Ends = {
  readonly signal: AbortSignal
  /** What to call with the signal's reason: a listener for each would be dear. */
  readonly outstanding: Slots<(reason: unknown) => void>
}

/**
 * One answer, whatever number of requests it takes; an answer to an earlier try is as good as one to the last. Rejects
 * with SnmpError, or with the signal's reason once it aborts.
 */
export function exchange<T>(
  { address, port }: { readonly address: string; readonly port: number },
  { tries, waitMs, deadlineAt, counts }: Asking,
  { signal, outstanding }: Ends,
  open: (exchange: Exchange<T>) => Door,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    let isSettled = false
    let tried = 0
    let failedSend: SnmpError | null = null
    let timer: NodeJS.Timeout | undefined
    const door = open({ answer, refuse, unsent })
    const slot = outstanding.add(end)
    attempt()

    function attempt(): void {
      const leftMs = deadlineAt - performance.now()
      // A timer may come almost a millisecond early.
      if (tried >= tries || leftMs < 1) return end(failedSend ?? noAnswer())
      timer = setTimeout(giveUpTry, Math.min(waitMs * 2 ** tried, Math.ceil(leftMs)))
      tried++
      counts.pdus++
      door.attempt()
    }

    function giveUpTry(): void {
      counts.errors++
      attempt()
    }

    function answer(value: T): void {
      if (isSettled) return
      settle()
      resolve(value)
    }

    function refuse(error: SnmpError): void {
      if (isSettled) return
      // Those two are the agent's way to ask for another question.
      if (error.reason !== 'too-big' && error.reason !== 'no-such-name') counts.errors++
      end(error)
    }

    function unsent(error: Error): void {
      failedSend = new SnmpError('send', `can't send: ${error.message}`, { cause: error })
      // A packet that couldn't leave now may leave at the next try.
      if (tried >= tries) refuse(failedSend)
    }

    function end(reason: unknown): void {
      if (isSettled) return
      settle()
      reject(reason)
    }

    function settle(): void {
      isSettled = true
      clearTimeout(timer)
      outstanding.remove(slot)
      door.settled()
    }

    function noAnswer(): SnmpError {
      const asked =
        tried === 0 ? 'no time left to ask' : tried === 1 ? 'asked once' : `asked ${tried} times`
      return new SnmpError('timeout', `no answer from ${address} port ${port} (${asked})`)
    }
  })
}
