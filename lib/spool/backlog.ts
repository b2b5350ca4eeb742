/** One request's worth of samples, encoded. */
export type Batch = {
  readonly kind: 'lines' | 'remote-write'
  readonly body: Uint8Array
  readonly samples: number
  /** Stamp of its oldest sample, Unix milliseconds. */
  readonly from: number
}

/** A batch in a backlog, for the one who put it there: it may settle it, and sees when the bound dropped it. */
export type Ticket = {
  readonly batch: Batch
  state: 'waiting' | 'settled' | 'dropped'
}

/** A batch as it comes out of a backlog. */
export type Waiting = {
  readonly batch: Batch
  /** `vm_app_start_timestamp` of the VictoriaMetrics that acknowledged it and may have lost it since; 0: none did, 1: it isn't known. */
  readonly storedBy: number
}

/** The oldest batches that wait. `done` says that they are stored. */
export type Reading = {
  readonly waiting: readonly Waiting[]
  /** Whether they can be read once more after `done`, should VictoriaMetrics lose them: those of a disk, for a minute. */
  readonly isKept: boolean
}

/** VictoriaMetrics killed with -9 loses up to 13 s that it had acknowledged: so long what it did is kept, to be sent again. */
export const KEEP_MS = 60_000

/** Why a backlog gives samples up by itself. */
export type LossReason = 'overflow' | 'corrupt'

/** Where batches wait while VictoriaMetrics can't take them, oldest first: memory, or the spool on disk. */
export type Backlog = {
  /** Batches that wait, and what they hold. */
  readonly size: number
  readonly samples: number
  readonly bytes: number
  /** Whether what is added survives this process. */
  readonly isDurable: boolean
  /** Never waits and never throws; what had to go to keep the bound is told to the listener. */
  add(batch: Batch, storedBy?: number): Ticket
  /** Keeps for a minute what VictoriaMetrics acknowledged, where that survives this process; nothing of it waits. */
  keep(batch: Batch, storedBy: number): void
  /** Takes a batch out wherever it is by now: it was stored another way. */
  settle(ticket: Ticket): void
  /** Null when nothing can be read at the moment. */
  read(): Promise<Reading | null>
  done(reading: Reading): void
  /** VictoriaMetrics restarted: what was done within the last minute, and is kept, waits again. */
  rewind(): void
  /** While it is held nothing that was done is given up: VictoriaMetrics is away, and may have lost it. */
  hold(isHeld: boolean): void
  /**
   * Stamp of the oldest sample that waits, by the vantage that made it; but for what the VictoriaMetrics that was started
   * then has acknowledged itself.
   */
  oldest(startedAt?: number): ReadonlyMap<string, number>
  /** Gives up everything that waits; the number of samples. */
  clear(): number
  onLoss(listener: (samples: number, reason: LossReason) => void): void
  /** Writes what it can to where it survives; resolves with the number of samples that it can't keep. */
  close(): Promise<number>
}
