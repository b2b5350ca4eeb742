import type { Backlog, Batch, LossReason, Reading, Ticket, Waiting } from './backlog.ts'

/** As much as one request should carry. */
const READ_BYTES = 524_288

/** A batch in memory. */
export type Held = Ticket & { readonly storedBy: number }

/** Batches in memory, oldest first: past the bound the oldest goes. */
export type Queue = {
  readonly held: readonly Held[]
  readonly bytes: number
  readonly samples: number
  push(batch: Batch, storedBy: number): Held
  /** Takes these away, wherever they are. */
  remove(some: readonly Ticket[]): void
  /** The oldest ones, `most` bytes of them and at least one. */
  first(most: number): readonly Held[]
  onOverflow(listener: (samples: number) => void): void
}

export function createQueue(maxBytes: number): Queue {
  let held: Held[] = []
  let bytes = 0
  let samples = 0
  let overflowed: (samples: number) => void = () => {}

  function count(one: Held, sign: 1 | -1): void {
    bytes += sign * one.batch.body.length
    samples += sign * samplesOf(one)
  }

  return {
    get held() {
      return held
    },
    get bytes() {
      return bytes
    },
    get samples() {
      return samples
    },
    push(batch, storedBy) {
      const one: Held = { batch, storedBy, state: 'waiting' }
      held.push(one)
      count(one, 1)
      while (bytes > maxBytes && held.length > 1) {
        // What was acknowledged once goes first.
        const index = held.findIndex(({ storedBy }) => storedBy > 0)
        const [oldest] = held.splice(Math.max(0, index), 1)
        if (oldest === undefined) break
        count(oldest, -1)
        oldest.state = 'dropped'
        overflowed(samplesOf(oldest))
      }
      return one
    },
    remove(some) {
      const gone = new Set<Ticket>(some)
      held = held.filter((one) => {
        if (!gone.has(one)) return true
        count(one, -1)
        return false
      })
    },
    first(most) {
      let end = 0
      for (let sum = 0; end < held.length; end++) {
        sum += held[end]?.batch.body.length ?? 0
        if (sum > most && end > 0) break
      }
      return held.slice(0, end)
    },
    onOverflow(listener) {
      overflowed = listener
    },
  }
}

/** What was acknowledged once is missed by nobody unless VictoriaMetrics lost it. */
const samplesOf = ({ batch, storedBy }: Held): number => (storedBy > 0 ? 0 : batch.samples)

/** A backlog in memory alone: past `maxBytes` the oldest batch goes first. `origin` is the vantage of its samples. */
export function memoryBacklog(maxBytes: number, origin = ''): Backlog {
  const queue = createQueue(maxBytes)
  const readings = new WeakMap<Reading, readonly Held[]>()
  return {
    isDurable: false,
    get size() {
      return queue.held.length
    },
    get samples() {
      return queue.samples
    },
    get bytes() {
      return queue.bytes
    },
    add: (batch, storedBy = 0) => queue.push(batch, storedBy),
    keep() {},
    settle: (ticket) => settle(queue, ticket),
    read: async () => readQueue(queue, readings),
    done: (reading) => doneInQueue(queue, readings.get(reading) ?? []),
    rewind() {},
    hold() {},
    oldest(startedAt) {
      const oldest = oldestIn(queue.held, startedAt)
      return new Map(oldest === Number.POSITIVE_INFINITY ? [] : [[origin, oldest]])
    },
    clear() {
      const { samples } = queue
      doneInQueue(queue, queue.held)
      return samples
    },
    onLoss: (listener: (samples: number, reason: LossReason) => void) =>
      queue.onOverflow((samples) => listener(samples, 'overflow')),
    async close() {
      const { samples } = queue
      doneInQueue(queue, queue.held)
      return samples
    },
  }
}

export function readQueue(
  queue: Queue,
  readings: WeakMap<Reading, readonly Held[]>,
): Reading | null {
  const first = queue.first(READ_BYTES)
  if (first.length === 0) return null
  const reading: Reading = {
    waiting: first.map(({ batch, storedBy }): Waiting => ({ batch, storedBy })),
    isKept: false,
  }
  readings.set(reading, first)
  return reading
}

export function doneInQueue(queue: Queue, done: readonly Held[]): void {
  for (const one of done) one.state = 'settled'
  queue.remove(done)
}

function settle(queue: Queue, ticket: Ticket): void {
  if (ticket.state !== 'waiting') return
  ticket.state = 'settled'
  queue.remove([ticket])
}

/** Infinity: there is none. */
export function oldestIn(held: readonly Held[], startedAt = Number.NaN): number {
  let oldest = Number.POSITIVE_INFINITY
  for (const { batch, storedBy } of held)
    if (storedBy !== startedAt) oldest = Math.min(oldest, batch.from)
  return oldest
}
