import type { Logger } from '../log.ts'
import { isAway } from '../victoriametrics.ts'
import { type Backlog, type Batch, KEEP_MS } from './backlog.ts'

/**
 * What VictoriaMetrics acknowledged in the last minute. Killed with -9 it loses up to 13 s of that, which is seen by the
 * time of its start: all of it waits in the backlog again then. Where that isn't told, as behind a proxy, it may have
 * restarted each time that it was away.
 */
export type Acknowledged = {
  /** When the VictoriaMetrics that has it was started, as far as that is known; NaN: it isn't. */
  readonly startedAt: number
  /** Whether another one may have taken its place: until that is known nobody can tell what VictoriaMetrics has. */
  readonly isSuspect: boolean
  suspect(): void
  /** It took nothing for a while. */
  wasAway(): void
  /** It took something. */
  isBack(): void
  /** Asks when VictoriaMetrics was started. Rejects when it doesn't answer in time. */
  look(): Promise<void>
  add(batch: Batch): void
  /** Puts it into the backlog, for a VictoriaMetrics that isn't the one that has it. */
  sendAgain(): void
  forget(): void
}

/** Of a batch that was acknowledged by who knows which: nobody was started in the first second of 1970. */
const UNKNOWN = 1

export function createAcknowledged({
  askStart,
  backlog,
  log,
  onAgain,
}: {
  /** When VictoriaMetrics was started; NaN where it isn't told. */
  readonly askStart: () => Promise<number>
  readonly backlog: Backlog
  readonly log: Logger
  /** Something of it waits again. */
  readonly onAgain: () => void
}): Acknowledged {
  let kept: { readonly at: number; readonly batch: Batch }[] = []
  let startedAt = Number.NaN
  /** The last one that was told. */
  let toldAt = Number.NaN
  let hasBeenAway = false
  let isSuspect = true
  let looking: Promise<void> | undefined

  async function ask(): Promise<void> {
    // A connection that breaks while the answer is under way asks anew.
    isSuspect = false
    try {
      startedAt = await askStart()
    } catch (error) {
      isSuspect = true
      if (isAway(error)) hasBeenAway = true
      throw error
    }
    backlog.hold(isSuspect)
    if (Number.isNaN(startedAt)) return
    const hasRestarted = startedAt !== toldAt && !Number.isNaN(toldAt)
    const before = toldAt
    toldAt = startedAt
    hasBeenAway = false
    if (hasRestarted) again(before, 'VictoriaMetrics restarted: sending its last minute again')
  }

  function again(storedBy: number, message: string): void {
    backlog.rewind()
    put(storedBy)
    log.info(message)
  }

  function put(storedBy: number): void {
    for (const { batch } of kept.splice(0)) {
      backlog.add(batch, storedBy)
      onAgain()
    }
  }

  const acknowledgedBy = (): number => (Number.isNaN(startedAt) ? UNKNOWN : startedAt)

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
    wasAway() {
      hasBeenAway = true
    },
    isBack() {
      if (!hasBeenAway) return
      hasBeenAway = false
      if (Number.isNaN(startedAt))
        again(
          UNKNOWN,
          'VictoriaMetrics may have restarted while it was away: sending its last minute again',
        )
    },
    look: () => (looking ??= ask().finally(() => (looking = undefined))),
    add(batch) {
      const now = performance.now()
      kept.push({ at: now, batch })
      while ((kept[0]?.at ?? now) < now - KEEP_MS) kept.shift()
      backlog.keep(batch, acknowledgedBy())
    },
    sendAgain: () => put(acknowledgedBy()),
    forget() {
      kept = []
    },
  }
}
