import type { Logger } from '../log.ts'
import type { VictoriaMetrics } from '../victoriametrics.ts'
import { type Backlog, type Batch, KEEP_MS } from './backlog.ts'

/**
 * What VictoriaMetrics acknowledged in the last minute. Killed with -9 it loses up to 13 s of that, which is seen by the
 * time of its start: all of it waits in the backlog again then.
 */
export type Acknowledged = {
  /** When the VictoriaMetrics that has it was started, as far as that is known; NaN: it isn't. */
  readonly startedAt: number
  /** Whether another one may have taken its place: until that is known nobody can tell what VictoriaMetrics has. */
  readonly isSuspect: boolean
  suspect(): void
  /** Asks when VictoriaMetrics was started. Rejects when it doesn't answer. */
  look(): Promise<void>
  add(batch: Batch): void
  /** Puts it into the backlog, for a VictoriaMetrics that isn't the one that has it. */
  sendAgain(): void
  forget(): void
}

export function createAcknowledged({
  victoriaMetrics,
  backlog,
  log,
  onAgain,
  signal,
}: {
  readonly victoriaMetrics: Pick<VictoriaMetrics, 'startedAt'>
  readonly backlog: Backlog
  readonly log: Logger
  /** Something of it waits again. */
  readonly onAgain: () => void
  readonly signal: AbortSignal
}): Acknowledged {
  let kept: { readonly at: number; readonly batch: Batch }[] = []
  let startedAt = Number.NaN
  let isSuspect = true
  let looking: Promise<void> | undefined

  async function ask(): Promise<void> {
    // A connection that breaks while the answer is under way asks anew.
    isSuspect = false
    const seen = await victoriaMetrics.startedAt(signal)
    backlog.hold(isSuspect)
    const hasRestarted = seen !== startedAt && !Number.isNaN(startedAt) && !Number.isNaN(seen)
    if (hasRestarted) {
      backlog.rewind()
      sendAgain()
      log.info('VictoriaMetrics restarted: sending its last minute again')
    }
    if (!Number.isNaN(seen)) startedAt = seen
  }

  function sendAgain(): void {
    if (Number.isNaN(startedAt)) return
    for (const { batch } of kept.splice(0)) {
      backlog.add(batch, startedAt)
      onAgain()
    }
  }

  return {
    get startedAt() {
      return startedAt
    },
    get isSuspect() {
      return isSuspect || looking !== undefined
    },
    suspect() {
      isSuspect = true
    },
    look: () => (looking ??= ask().finally(() => (looking = undefined))),
    add(batch) {
      const now = performance.now()
      kept.push({ at: now, batch })
      while ((kept[0]?.at ?? now) < now - KEEP_MS) kept.shift()
      if (!Number.isNaN(startedAt)) backlog.keep(batch, startedAt)
    },
    sendAgain,
    forget() {
      kept = []
    },
  }
}
