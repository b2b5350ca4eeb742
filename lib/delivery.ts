import type { Logger } from './log.ts'
import { createAcknowledged } from './spool/acknowledged.ts'
import type { Backlog, Batch, LossReason, Reading } from './spool/backlog.ts'
import { createBackoff, pause } from './spool/backoff.ts'
import { type Entry, createLiveQueue } from './spool/live.ts'
import type { SpoolMark } from './spool/mark.ts'
import { storeTogether } from './spool/requests.ts'
import { type TimeLimit, createTimeLimit } from './time-limit.ts'
import { createWaiters } from './spool/waiters.ts'
import { type VictoriaMetrics, VictoriaMetricsError, isAway } from './victoriametrics.ts'

export type { Backlog, Batch } from './spool/backlog.ts'
export { memoryBacklog } from './spool/memory.ts'

export type DeliveryMeter = {
  stored(samples: number, at: number): void
  dropped(samples: number, reason: LossReason | 'rejected' | 'shutdown' | 'not_leader'): void
  waiting(bytes: number): void
}

/**
 * Hands batches to VictoriaMetrics: live ones in their order, and beside them, in theirs, those that had to wait.
 * `send` never waits and never rejects.
 */
export type Delivery = AsyncDisposable & {
  send(batch: Batch): void
  /** Resolves true when all that was sent so far is stored, false when that takes longer than `timeoutMs`. */
  settled(timeoutMs: number): Promise<boolean>
}

export type DeliveryDeps = {
  readonly victoriaMetrics: VictoriaMetrics
  /** The delivery's own: it closes it. */
  readonly backlog: Backlog
  readonly meter: DeliveryMeter
  readonly log: Logger
  /** Says in VictoriaMetrics that samples still wait. */
  readonly mark?: SpoolMark
  /** While it is false nothing is stored or kept. */
  readonly mayWrite?: () => boolean
}

/** What waits longer than this must survive a crash of this process. */
const SECURE_MS = 1_000
/** What is newer goes before all that waits once VictoriaMetrics is back: nothing live is later than this. */
const LIVE_MS = 5_000
/** An outage of this length isn't a broken connection: what was acknowledged before it must survive this process too. */
const OUTAGE_MS = 3_000
const TURN_MS = 1_000
const RETRY_MS = { first: 250, most: 1_000 }
const REPLAY_RETRY_MS = { first: 250, most: 5_000 }
/** What waits lets live batches go first, but not for ever. */
const YIELD_MS = 2_000
const SHUTDOWN_MS = 3_000
/** An answer takes milliseconds. Less than LIVE_MS, so that a mute connection makes nothing live later than that. */
const LIVE_TIME_LIMIT_MS = { least: 4_000, most: 30_000 }
const REPLAY_TIME_LIMIT_MS = { least: 10_000, most: 30_000 }
/** Between two requests of the backlog; as long as the last one took, where that is longer: half of the time is others'. */
const BREATH_MS = 10

export function createDelivery({
  victoriaMetrics,
  backlog,
  meter,
  log,
  mark,
  mayWrite = () => true,
}: DeliveryDeps): Delivery {
  const live = createLiveQueue(backlog)
  const stopping = new AbortController()
  const liveLimit = createTimeLimit(LIVE_TIME_LIMIT_MS)
  const replayLimit = createTimeLimit(REPLAY_TIME_LIMIT_MS)
  const acknowledged = createAcknowledged({
    askStart,
    backlog,
    log,
    onAgain: () => (isBehind = true),
  })
  const waiters = createWaiters()
  let sending: Promise<void> | undefined
  let replaying: Promise<void> | undefined
  /** Since when VictoriaMetrics takes nothing; null: it does. */
  let awaySince: number | null = null
  let isUnreachable = false
  /** Whether something of this process waits in the backlog alone. */
  let isBehind = false
  /** Whether it was this process's turn to write since it gave up last. */
  let hasWritten = false
  let ending: Promise<void> | undefined

  backlog.onLoss((samples, reason) => meter.dropped(samples, reason))
  victoriaMetrics.onDisconnect(() => {
    acknowledged.suspect()
    wake()
  })
  const timer = setInterval(turn, TURN_MS).unref()

  function wake(): void {
    if (stopping.signal.aborted) return
    sending ??= sendLive().finally(() => {
      sending = undefined
      told()
      if (live.size > 0) wake() // sent while the loop was ending
    })
    if (backlog.size === 0 || !mayWrite()) return
    replaying ??= replay().finally(() => {
      replaying = undefined
      told()
      if (mark !== undefined) wake() // that nothing waits any more is to be said
    })
  }

  function told(): void {
    if (backlog.size === 0) isBehind = false
    meter.waiting(live.bytes + backlog.bytes)
    waiters.look()
  }

  async function sendLive(): Promise<void> {
    const backoff = createBackoff(RETRY_MS, stopping.signal)
    while (!stopping.signal.aborted && (live.size > 0 || acknowledged.isSuspect || isMarkNews())) {
      if (!mayWrite()) return giveUp()
      try {
        if (acknowledged.isSuspect) await lookForRestart()
        await writeMark()
        const entry = live.first()
        if (entry === undefined) continue
        if (entry.ticket === null || entry.ticket.state === 'waiting') await storeLive(entry)
        live.leave(entry)
        backoff.reset()
      } catch (error) {
        if (stopping.signal.aborted) return
        fail(error)
        if (live.size === 0) return // nothing to store: asked again at the next batch
        await backoff.wait()
      }
    }
  }

  async function storeLive(entry: Entry): Promise<void> {
    const { batch } = entry
    if (await isStored(batch, liveLimit)) {
      acknowledged.add(batch)
      meter.stored(batch.samples, Date.now())
    }
    if (entry.ticket !== null) backlog.settle(entry.ticket)
  }

  /** What waits, beside what is live and behind it. */
  async function replay(): Promise<void> {
    const backoff = createBackoff(REPLAY_RETRY_MS, stopping.signal)
    let lastAt = performance.now()
    while (!stopping.signal.aborted && backlog.size > 0 && mayWrite()) {
      if (isLiveBusy() && (awaySince !== null || performance.now() - lastAt < YIELD_MS)) {
        await pause(BREATH_MS, stopping.signal)
        continue
      }
      lastAt = performance.now()
      try {
        if (acknowledged.isSuspect) await lookForRestart()
        const reading = await backlog.read()
        const since = performance.now()
        if (reading !== null) await storeReading(reading)
        backoff.reset()
        await pause(Math.max(BREATH_MS, performance.now() - since), stopping.signal)
      } catch (error) {
        if (stopping.signal.aborted) return
        // Too much for it, while it takes what is live: only this waits.
        if (!isOverloaded(error) || awaySince !== null) fail(error)
        await backoff.wait()
      }
    }
  }

  /** More than the batch under way, or one that is late already. When VictoriaMetrics is away, this asks for it. */
  const isLiveBusy = (): boolean => live.size > (awaySince === null ? 1 : 0) || live.isLate

  async function storeReading(reading: Reading): Promise<void> {
    // What this VictoriaMetrics acknowledged itself, it has as long as it hasn't restarted.
    const missing = reading.waiting
      .filter(({ storedBy }) => storedBy === 0 || storedBy !== acknowledged.startedAt)
      .map(({ batch }) => batch)
    const samples = await storeTogether(missing, (batch, tried) =>
      isStored(batch, replayLimit, tried),
    )
    if (!reading.isKept) for (const { batch } of reading.waiting) acknowledged.add(batch)
    backlog.done(reading)
    if (missing.length > 0) meter.stored(samples, Date.now())
  }

  /** False when VictoriaMetrics refuses it for good: it is dropped then, unless it is only `tried`. */
  async function isStored(batch: Batch, limit: TimeLimit, tried = false): Promise<boolean> {
    try {
      await write(batch, limit)
    } catch (error) {
      if (!(error instanceof VictoriaMetricsError)) throw error
      if (error.retryable) {
        if (isAway(error)) acknowledged.wasAway()
        failedIn(limit, error)
        throw error
      }
      if (tried) return false
      meter.dropped(batch.samples, 'rejected')
      log.error({ reason: error.message }, 'VictoriaMetrics refused a batch: dropped')
      return false
    }
    acknowledged.isBack()
    if (awaySince !== null) log.info('VictoriaMetrics takes samples again')
    awaySince = null
    return true
  }

  async function askStart(): Promise<number> {
    try {
      const bounds = { signal: stopping.signal, timeoutMs: liveLimit.ms }
      return await victoriaMetrics.startedAt(bounds)
    } catch (error) {
      if (error instanceof VictoriaMetricsError) failedIn(liveLimit, error)
      throw error
    }
  }

  async function write({ kind, body }: Batch, limit: TimeLimit): Promise<void> {
    const since = performance.now()
    const bounds = { signal: stopping.signal, timeoutMs: limit.ms }
    if (kind === 'lines') await victoriaMetrics.writeLines(body, bounds)
    else await victoriaMetrics.remoteWrite(body, bounds)
    limit.answered(performance.now() - since)
  }

  function failedIn(limit: TimeLimit, { reason }: VictoriaMetricsError): void {
    limit.failed(reason)
    // The others may be as mute as this one was: they aren't tried one after the other.
    if (reason === 'timeout') victoriaMetrics.renew()
  }

  /** It takes nothing at the moment: whatever waits must survive this process. */
  function fail(error: unknown): void {
    if (!(error instanceof VictoriaMetricsError)) throw error
    if (!mayWrite()) return giveUp()
    acknowledged.suspect()
    backlog.hold(true)
    isUnreachable = error.reason === 'unreachable' || error.reason === 'timeout'
    live.secure(0)
    if (awaySince === null && (live.size > 0 || backlog.size > 0)) {
      log.warn({ reason: error.message }, 'VictoriaMetrics takes no samples: they wait')
      awaySince = performance.now()
    }
    told()
    wake()
  }

  function turn(): void {
    if (!mayWrite()) giveUp()
    live.secure(SECURE_MS)
    if (live.trim(LIVE_MS)) isBehind = true
    const isOutage = awaySince !== null && performance.now() - awaySince >= OUTAGE_MS
    if (isOutage && isUnreachable && backlog.isDurable) acknowledged.sendAgain()
    if (live.size > 0 || backlog.size > 0) wake()
    meter.waiting(live.bytes + backlog.bytes)
  }

  /** Another process does the work now. What one before this left is not touched: it may be this one's turn yet. */
  function giveUp(): void {
    if (!hasWritten) return
    hasWritten = false
    const inBacklog = backlog.size > 0 ? backlog.clear() : 0
    const samples = inBacklog + live.clear()
    acknowledged.forget()
    if (samples > 0) meter.dropped(samples, 'not_leader')
  }

  async function lookForRestart(): Promise<void> {
    await acknowledged.look()
    if (backlog.size > 0) wake()
  }

  const markDue = () => mark?.due(backlog.oldest(acknowledged.startedAt)) ?? null
  const isMarkNews = (): boolean => markDue()?.isNews ?? false

  async function writeMark(): Promise<void> {
    const due = markDue()
    if (due === null || (live.size === 0 && !due.isNews)) return
    await isStored(due.batch, liveLimit)
    mark?.written()
  }

  async function end(): Promise<void> {
    // What is on disk need not wait for a VictoriaMetrics that is away.
    const isSafe = (): boolean =>
      isIdle() || (backlog.isDurable && (awaySince !== null || (live.size === 0 && !sending)))
    await waiters.until(isSafe, SHUTDOWN_MS)
    clearInterval(timer)
    stopping.abort()
    await Promise.allSettled([sending, replaying])
    if (!mayWrite()) giveUp()
    live.secure(Number.NEGATIVE_INFINITY)
    if (awaySince !== null && backlog.isDurable) acknowledged.sendAgain()
    const lost = await backlog.close()
    if (lost > 0) meter.dropped(lost, 'shutdown')
    meter.waiting(0)
  }

  const isIdle = (): boolean =>
    live.size === 0 && sending === undefined && !(isBehind && backlog.size > 0)

  return {
    send(batch) {
      if (!mayWrite()) return meter.dropped(batch.samples, 'not_leader')
      hasWritten = true
      live.push(batch, awaySince !== null)
      meter.waiting(live.bytes + backlog.bytes)
      wake()
    },
    settled: (timeoutMs) => waiters.until(isIdle, timeoutMs),
    [Symbol.asyncDispose]: () => (ending ??= end()),
  }
}

const isOverloaded = (error: unknown): boolean =>
  error instanceof VictoriaMetricsError && error.reason === 'overloaded'
