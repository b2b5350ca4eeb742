import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { createBreaker } from './breaker.ts'
import { createDueList } from './due-list.ts'
import type { Notification, Receiver } from './notification.ts'
import { NotifyError } from './notify-error.ts'

/** A message on its way to a receiver. */
export type Job = {
  readonly notification: Notification
  readonly idempotencyKey: string
  readonly reference: string | null
  /** Called once, unless the process ends before. */
  readonly end: (outcome: Outcome) => void
  tries: number
  /** Whether the receiver may have it although it didn't say so. */
  isDoubtful: boolean
}

/** `isSure` false: nobody knows whether it was taken, and it counts as taken. */
export type Outcome =
  | { readonly taken: true; readonly isSure: boolean; readonly reference: string | null }
  | { readonly taken: false }

/** How one attempt ended. */
export type Attempt = {
  readonly result: 'accepted' | 'failed' | 'given_up'
  /** Why it failed; for one that was accepted, what it was about. */
  readonly reason: string
  readonly seconds: number
  readonly at: number
}

type Ended = (result: Attempt['result'], reason: string) => void

/** Hands the messages of one receiver over, some at once, each until it is taken or given up. */
export type Sender = {
  send(job: Job): void
  /** Tries what is due. */
  turn(): void
  /** When there is something to try again. */
  nextAt(): number
  /** The clock was set back: what waits for an instant of before is tried now. */
  obeyClock(at: number): void
}

/** Messages under way to one receiver. */
const AT_ONCE = 8
/** The queue drops what it has handed out now and then, not each time. */
const COMPACT_AFTER = 1_000
const BACKOFF_MS = { first: 1_000, most: 60_000 }

export function createSender({
  receiver,
  signal,
  attempted,
  keep,
  wake,
  log,
  clock,
}: {
  receiver: Receiver
  signal: AbortSignal
  attempted: (job: Job, attempt: Attempt) => void
  /** Holds on to work that is under way. */
  keep: (work: Promise<void>) => void
  /** Called when `nextAt` may have come nearer. */
  wake: () => void
  log: Logger
  clock: Clock
}): Sender {
  const breaker = createBreaker()
  const later = createDueList<Job>()
  /** In the order in which they are tried; not yet, where all places are taken or the breaker is open. */
  let ready: Job[] = []
  let first = 0
  const waiting = new Set<Job>()
  let underWay = 0

  function turn(): void {
    const now = clock.now()
    for (let job = later.take(now); job !== undefined; job = later.take(now)) makeReady(job)
    while (!signal.aborted && underWay < AT_ONCE && breaker.admits(now, underWay)) {
      const job = nextReady()
      if (job === undefined) return
      underWay++
      keep(attempt(job))
    }
  }

  function nextReady(): Job | undefined {
    const job = ready[first++]
    if (job === undefined || first >= COMPACT_AFTER) {
      ready = ready.slice(first)
      first = 0
    }
    return job
  }

  function makeReady(job: Job): void {
    waiting.delete(job)
    ready.push(job)
  }

  async function attempt(job: Job): Promise<void> {
    const startedAt = clock.now()
    const ended: Ended = (result, reason) => {
      const at = clock.now()
      attempted(job, { result, reason, seconds: (at - startedAt) / 1000, at })
    }
    const { notification, idempotencyKey, reference } = job
    let given: string | void
    try {
      given = await receiver.notify(notification, { idempotencyKey, reference, signal })
    } catch (error) {
      // One that was cut off stays pending in the log and is sent again under the same key.
      if (!signal.aborted) failed(job, error, ended)
      return
    } finally {
      underWay--
      turn()
      wake()
    }
    ended('accepted', notification.reason)
    succeeded()
    job.end({ taken: true, isSure: true, reference: given ?? null })
    turn()
  }

  function succeeded(): void {
    if (!breaker.succeeded()) return
    log.info({ receiver: receiver.name }, 'receiver takes notifications again')
    waitNoLonger()
  }

  function waitNoLonger(): void {
    for (const job of waiting) {
      later.set(job, Infinity)
      makeReady(job)
    }
  }

  function failed(job: Job, error: unknown, ended: Ended): void {
    const now = clock.now()
    job.tries++
    const { retryable, reason, retryAfterMs } = causeOf(error)
    const what = { receiver: receiver.name, group: job.notification.groupKey }
    if (!(error instanceof NotifyError)) log.error({ ...what, err: error }, 'notification failed')
    if (!retryable) {
      ended('given_up', reason)
      giveUp(
        job,
        { ...what, reason: messageOf(error) },
        'receiver refused a notification: what is to be told is looked at again in 5 minutes',
      )
      return
    }
    if (reason === 'timeout') job.isDoubtful = true
    const isFirst = breaker.failed(now, retryAfterMs)
    if (isExpired(job, now)) {
      ended('given_up', reason)
      expire(job, messageOf(error))
    } else {
      ended('failed', reason)
      if (isFirst && job.tries === 1)
        log.warn(
          { ...what, reason: messageOf(error) },
          'receiver took no notification: trying again',
        )
      const backoffMs = Math.min(BACKOFF_MS.first * 2 ** (job.tries - 1), BACKOFF_MS.most)
      waiting.add(job)
      later.set(job, now + backoffMs * (0.75 + Math.random() / 2))
    }
    const expired = ready.slice(first).filter((other) => isExpired(other, now))
    if (expired.length === 0) return
    ready = ready.slice(first).filter((other) => !isExpired(other, now))
    first = 0
    for (const other of expired) expire(other, messageOf(error))
  }

  const isExpired = (job: Job, now: number): boolean =>
    now - job.notification.at > receiver.retryForMs

  /** A receiver that never answered in time may have the message all the same: its end is owed then. */
  function expire(job: Job, reason: string): void {
    const what = { receiver: receiver.name, group: job.notification.groupKey, reason }
    const message = 'receiver took no notification for too long: given up'
    if (!job.isDoubtful) return giveUp(job, what, message)
    log.error(what, message)
    job.end({ taken: true, isSure: false, reference: job.reference })
  }

  function giveUp(job: Job, what: object, message: string): void {
    log.error(what, message)
    job.end({ taken: false })
  }

  return {
    send(job) {
      ready.push(job)
      turn()
      wake()
    },
    turn,
    obeyClock(at) {
      breaker.obeyClock(at)
      waitNoLonger()
    },
    nextAt() {
      const isWaiting = first < ready.length && underWay === 0
      // Half open, the one that is under way decides when the others go.
      return Math.min(later.next(), isWaiting ? breaker.openUntil() : Infinity)
    },
  }
}

/** What nobody thought of is tried again like any failure. */
function causeOf(error: unknown): Pick<NotifyError, 'retryable' | 'reason' | 'retryAfterMs'> {
  if (error instanceof NotifyError) return error
  return { retryable: true, reason: 'failed', retryAfterMs: undefined }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
