import type { Logger } from '../log.ts'
import type { Backlog, LossReason, Reading, Ticket } from './backlog.ts'
import { type Block, type Disk, type Place, openDisk } from './disk.ts'
import { type Folder, openFolder } from './folder.ts'
import {
  type Held,
  createQueue,
  doneInQueue,
  memoryBacklog,
  oldestIn,
  readQueue,
} from './memory.ts'
import type { SpoolMeter } from './meter.ts'
import { leftOf, oldestOf } from './segment.ts'

export type SpoolOptions = {
  /** Where the folders of this kind of service are; each process has one of its own in there. */
  readonly base: string
  readonly instance: string
  /** The vantage of the samples; '' where they have none. */
  readonly origin: string
  /** Bound of the segments; 0: no disk, memory alone. */
  readonly maxBytes: number
  /** Bound of what waits in memory while the disk takes nothing. */
  readonly bufferBytes: number
  readonly meter: SpoolMeter
  readonly log: Logger
}

export type Spool = Backlog &
  AsyncDisposable & {
    /** Why the disk takes nothing, in a person's words; null: it does. */
    readonly failure: string | null
  }

const TURN_MS = 1_000
const TOUCH_MS = 10_000
const ADOPT_MS = 60_000
const RETRY_MS = 5_000
/** Written to disk at once: one write costs about the same for many batches as for one. */
const WRITE_BYTES = 4_194_304

/**
 * A backlog on disk. What is added is in memory until it is written, some milliseconds later; while the disk takes nothing it
 * stays there, up to a bound. A folder that can't be made is told of once: samples wait in memory then.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { base, instance, maxBytes, log } = options
  if (maxBytes === 0) return withoutDisk(options, null)
  try {
    return await spoolIn(await openFolder(base, instance), options)
  } catch (error) {
    const failure = `${base}: ${(error as Error).message}`
    log.warn(
      { reason: failure },
      "the spool can't be opened: samples that VictoriaMetrics doesn't take wait in memory, and are lost with this process",
    )
    return withoutDisk(options, failure)
  }
}

function withoutDisk({ bufferBytes, origin, meter }: SpoolOptions, failure: string | null): Spool {
  const memory = memoryBacklog(bufferBytes, origin)
  const state = () =>
    meter.state({ bytes: memory.bytes, samples: memory.samples, isFailing: failure !== null })
  const timer = setInterval(state, TURN_MS).unref()
  state()
  async function close(): Promise<number> {
    clearInterval(timer)
    return await memory.close()
  }
  return Object.defineProperties({} as Spool, {
    ...Object.getOwnPropertyDescriptors(memory),
    failure: { value: failure },
    close: { value: close },
    [Symbol.asyncDispose]: { value: close },
  })
}

async function spoolIn(first: Folder, options: SpoolOptions): Promise<Spool> {
  const { origin, meter, log } = options
  const queue = createQueue(options.bufferBytes)
  const places = new WeakMap<Ticket, Place>()
  const inMemory = new WeakMap<Reading, readonly Held[]>()
  const onDisk = new WeakMap<Reading, Block>()
  // What is found damaged at the start is told once somebody listens.
  const early: [samples: number, reason: LossReason][] = []
  let tell = (samples: number, reason: LossReason): void => void early.push([samples, reason])
  let folder = first
  let disk = diskIn(folder)
  let failure: string | null = null
  let [touchAt, adoptAt, retryAt] = [0, 0, 0]
  let toClear = false
  let running: Promise<void> | undefined
  let isClosed = false
  let closing: Promise<number> | undefined

  await adopt()
  const timer = setInterval(wake, TURN_MS).unref()

  function diskIn({ path }: Folder): Disk {
    return openDisk(path, {
      origin,
      maxBytes: options.maxBytes,
      onDrop: (samples) => lost(samples, 'overflow'),
      onCorrupt(records, samples) {
        meter.corrupt(records)
        lost(samples, 'corrupt')
        log.warn({ records, samples }, 'the spool has damaged records: passed over')
      },
    })
  }

  function lost(samples: number, reason: LossReason): void {
    if (samples > 0) tell(samples, reason)
  }

  /** The one who writes, syncs and gives up segments: one thing after the other. */
  function wake(): void {
    if (running !== undefined || isClosed) return
    running = turn()
      .catch((error: Error) => fail(error))
      .finally(() => {
        running = undefined
        meter.state({ bytes: sizes().bytes, samples: sizes().samples, isFailing: failure !== null })
        if (queue.held.length > 0 && failure === null) wake() // added while this was ending
      })
  }

  async function turn(): Promise<void> {
    const now = performance.now()
    if (failure !== null && now < retryAt) return
    if (toClear) {
      toClear = false
      await disk.clear()
    }
    if (now >= touchAt) await keepFolder(now)
    while (queue.held.length > 0) await writeSome()
    if (now >= adoptAt) await adopt()
    await disk.sync()
    await disk.commit()
    if (failure !== null) log.info('the spool can be written to again')
    failure = null
  }

  async function writeSome(): Promise<void> {
    const some = queue.first(WRITE_BYTES)
    const written = await disk.write(some)
    // Frozen for a minute, and another process has taken the folder over: what was written may be read by nobody.
    if (!(await folder.isOwned())) {
      await startAnew()
      return
    }
    for (const [index, one] of some.entries()) {
      const place = written[index]
      if (place === undefined) continue
      places.set(one, place)
      if (one.state !== 'waiting') place.segment.settled.add(place.index)
    }
    queue.remove(some)
  }

  async function keepFolder(now: number): Promise<void> {
    touchAt = now + TOUCH_MS
    if (!(await folder.touch())) await startAnew()
  }

  async function startAnew(): Promise<void> {
    log.warn('another process has taken over the folder of the spool: this one begins a new one')
    const next = await openFolder(options.base, options.instance)
    await disk.close().catch(() => {})
    folder = next
    disk = diskIn(folder)
  }

  async function adopt(): Promise<void> {
    adoptAt = performance.now() + ADOPT_MS
    for (const { name, position } of await folder.adopt()) {
      await disk.adopt(name, position).catch((error: Error) => {
        log.error({ segment: name, reason: error.message }, "what the spool held can't be read")
      })
    }
  }

  function fail(error: Error): void {
    retryAt = performance.now() + RETRY_MS
    if (failure === null) {
      log.error(
        { reason: error.message, folder: folder.path },
        "the spool can't be written to: samples that VictoriaMetrics doesn't take wait in memory",
      )
    }
    failure = error.message
  }

  function sizes(): { records: number; samples: number; bytes: number } {
    const total = { records: queue.held.length, samples: queue.samples, bytes: queue.bytes }
    for (const segment of disk.segments) {
      const left = leftOf(segment)
      total.records += left.records
      total.samples += left.samples
      total.bytes += left.bytes
    }
    return total
  }

  function settle(ticket: Ticket): void {
    if (ticket.state !== 'waiting') return
    ticket.state = 'settled'
    const place = places.get(ticket)
    // One that is being written at this moment is settled once its place is known.
    if (place !== undefined) place.segment.settled.add(place.index)
    else queue.remove([ticket])
  }

  queue.onOverflow((samples) => lost(samples, 'overflow'))
  return {
    get failure() {
      return failure
    },
    get isDurable() {
      return failure === null
    },
    get size() {
      return sizes().records
    },
    get samples() {
      return sizes().samples
    },
    get bytes() {
      return sizes().bytes
    },
    add(batch, storedBy = 0) {
      const ticket = queue.push(batch, storedBy)
      wake()
      return ticket
    },
    settle,
    async read() {
      const block = await disk.read()
      if (block !== null) {
        const reading: Reading = { waiting: block.waiting, isKept: true }
        onDisk.set(reading, block)
        return reading
      }
      return failure === null ? null : readQueue(queue, inMemory)
    },
    done(reading) {
      const block = onDisk.get(reading)
      if (block !== undefined) disk.done(block)
      for (const one of inMemory.get(reading) ?? []) settle(one)
      meter.replayed(reading.waiting.reduce((sum, { batch }) => sum + batch.samples, 0))
    },
    rewind: () => disk.rewind(),
    oldest() {
      const oldest = new Map<string, number>()
      const note = (vantage: string, from: number) => {
        if (from < (oldest.get(vantage) ?? Number.POSITIVE_INFINITY)) oldest.set(vantage, from)
      }
      for (const segment of disk.segments) note(segment.origin, oldestOf(segment))
      note(origin, oldestIn(queue.held))
      return oldest
    },
    clear() {
      const { samples } = sizes()
      doneInQueue(queue, queue.held)
      for (const segment of disk.segments) segment.next = segment.committed = segment.at.length
      toClear = true
      wake()
      return samples
    },
    onLoss(listener) {
      tell = listener
      for (const [samples, reason] of early.splice(0)) tell(samples, reason)
    },
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: async () => void (await (closing ??= close())),
  }

  async function close(): Promise<number> {
    clearInterval(timer)
    isClosed = true
    await running
    retryAt = 0
    await turn().catch(fail)
    const left = queue.samples
    const isEmpty = await disk.close().catch(() => false)
    await folder.release(isEmpty).catch(() => {})
    return left
  }
}

/** For /health. */
export const spoolTroubles = ({ failure }: Spool): string[] =>
  failure === null
    ? []
    : [`the spool can't be written to, samples that wait are in memory alone: ${failure}`]
