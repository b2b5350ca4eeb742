import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from './log.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from './victoriametrics.ts'

/** One request's worth of samples, encoded. */
export type Batch = {
  readonly kind: 'lines' | 'remote-write'
  readonly body: Uint8Array
  readonly samples: number
}

/** Where batches wait while VictoriaMetrics can't take them: memory here; the disk spool has the same shape. */
export type Backlog = {
  readonly bytes: number
  readonly size: number
  /** Puts a batch behind the others; gives back what had to go to keep the bound, oldest first. */
  push(batch: Batch): readonly Batch[]
  /** Puts batches before all others, in their order: what a restarted VictoriaMetrics may have lost. */
  unshift(batches: readonly Batch[]): readonly Batch[]
  peek(): Batch | undefined
  /** Takes this batch away if it is still the first: the bound may have dropped it meanwhile. */
  shift(batch: Batch): void
}

export type DeliveryMeter = {
  stored(samples: number, at: number): void
  dropped(samples: number, reason: 'overflow' | 'rejected' | 'shutdown'): void
  waiting(bytes: number): void
}

/** Hands batches to VictoriaMetrics in order, until it has them. `send` never waits and never rejects. */
export type Delivery = AsyncDisposable & {
  send(batch: Batch): void
  /** Resolves true when all that was sent so far is stored, false when that takes longer than `timeoutMs`. */
  settled(timeoutMs: number): Promise<boolean>
}

/** VictoriaMetrics killed with -9 loses up to 13 s that it had acknowledged: this much is kept to be sent again. */
const RESEND_WINDOW_MS = 60_000
const RETRY_MS = { first: 250, most: 5_000 }
const SHUTDOWN_MS = 3_000

export function createDelivery({
  victoriaMetrics,
  backlog,
  meter,
  log,
}: {
  victoriaMetrics: VictoriaMetrics
  backlog: Backlog
  meter: DeliveryMeter
  log: Logger
}): Delivery {
  const acknowledged: { at: number; batch: Batch }[] = []
  const stopping = new AbortController()
  const waiters = new Set<() => void>()
  let running: Promise<void> | undefined
  let startedAt = Number.NaN
  let suspectRestart = true

  victoriaMetrics.onDisconnect(() => {
    suspectRestart = true
    wake()
  })

  function wake(): void {
    running ??= drain().finally(() => {
      running = undefined
      meter.waiting(backlog.bytes)
      for (const waiter of waiters) waiter()
      if (backlog.size > 0 && !stopping.signal.aborted) wake() // sent while the loop was ending
    })
  }

  async function drain(): Promise<void> {
    let retryMs = RETRY_MS.first
    let told = false
    while (!stopping.signal.aborted && (backlog.size > 0 || suspectRestart)) {
      try {
        if (suspectRestart) await resendAfterRestart()
        const batch = backlog.peek()
        if (batch === undefined) continue
        await store(batch)
        backlog.shift(batch)
        remember(batch)
        meter.stored(batch.samples, Date.now())
        if (told) log.info('VictoriaMetrics takes samples again')
        told = false
        retryMs = RETRY_MS.first
      } catch (error) {
        if (stopping.signal.aborted) return
        if (!(error instanceof VictoriaMetricsError)) throw error
        if (!error.retryable) {
          const batch = backlog.peek()
          if (batch !== undefined) backlog.shift(batch)
          meter.dropped(batch?.samples ?? 0, 'rejected')
          log.error({ reason: error.message }, 'VictoriaMetrics refused a batch: dropped')
          continue
        }
        suspectRestart = true
        if (backlog.size === 0) return // nothing to store: asked again at the next batch
        meter.waiting(backlog.bytes)
        if (!told)
          log.warn({ reason: error.message }, 'VictoriaMetrics takes no samples: they wait')
        told = true
        await delay(retryMs, undefined, { signal: stopping.signal }).catch(() => {})
        retryMs = Math.min(retryMs * 2, RETRY_MS.most)
      }
    }
  }

  const store = (batch: Batch): Promise<void> =>
    batch.kind === 'lines'
      ? victoriaMetrics.writeLines(batch.body, { signal: stopping.signal })
      : victoriaMetrics.remoteWrite(batch.body, stopping.signal)

  function remember(batch: Batch): void {
    const now = Date.now()
    acknowledged.push({ at: now, batch })
    while ((acknowledged[0]?.at ?? now) < now - RESEND_WINDOW_MS) acknowledged.shift()
  }

  async function resendAfterRestart(): Promise<void> {
    const seen = await victoriaMetrics.startedAt(stopping.signal)
    suspectRestart = false
    const restarted = seen !== startedAt && !Number.isNaN(startedAt) && !Number.isNaN(seen)
    if (!Number.isNaN(seen)) startedAt = seen
    if (!restarted) return
    const again = acknowledged.splice(0).map(({ batch }) => batch)
    if (again.length > 0)
      log.info(
        { batches: again.length },
        'VictoriaMetrics restarted: sending its last minute again',
      )
    report(backlog.unshift(again))
  }

  function report(dropped: readonly Batch[]): void {
    for (const batch of dropped) meter.dropped(batch.samples, 'overflow')
  }

  async function settled(timeoutMs: number): Promise<boolean> {
    const idle = (): boolean => backlog.size === 0 && running === undefined
    if (idle()) return true
    let timer: NodeJS.Timeout | undefined
    let waiter = (): void => {}
    const done = await new Promise<boolean>((resolve) => {
      waiter = () => idle() && resolve(true)
      waiters.add(waiter)
      timer = setTimeout(() => resolve(false), timeoutMs)
    })
    clearTimeout(timer)
    waiters.delete(waiter)
    return done
  }

  return {
    send(batch) {
      report(backlog.push(batch))
      meter.waiting(backlog.bytes)
      wake()
    },
    settled,
    async [Symbol.asyncDispose]() {
      await settled(SHUTDOWN_MS)
      stopping.abort()
      await running?.catch(() => {})
      for (let left = backlog.peek(); left !== undefined; left = backlog.peek()) {
        meter.dropped(left.samples, 'shutdown')
        backlog.shift(left)
      }
    },
  }
}

/** A backlog in memory: past `maxBytes` the oldest batch goes first. */
export function memoryBacklog(maxBytes: number): Backlog {
  let batches: Batch[] = []
  let bytes = 0
  function bound(): Batch[] {
    const dropped: Batch[] = []
    while (bytes > maxBytes && batches.length > 1) {
      const oldest = batches.shift()
      if (oldest === undefined) break
      bytes -= oldest.body.length
      dropped.push(oldest)
    }
    return dropped
  }
  return {
    get bytes() {
      return bytes
    },
    get size() {
      return batches.length
    },
    push(batch) {
      batches.push(batch)
      bytes += batch.body.length
      return bound()
    },
    unshift(again) {
      batches = [...again, ...batches]
      for (const batch of again) bytes += batch.body.length
      return bound()
    },
    peek: () => batches[0],
    shift(batch) {
      if (batches[0] !== batch) return
      batches.shift()
      bytes -= batch.body.length
    },
  }
}
