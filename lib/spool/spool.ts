import type { Logger } from '../log.ts'
import type { Backlog, LossReason, Reading, Ticket } from './backlog.ts'
import { type Block, type Disk, type Place, openDisk } from './disk.ts'
import { type Folder, openFolder } from './folder.ts'
import { createJournal } from './journal.ts'
import { type Held, createQueue, doneInQueue, oldestIn, readQueue } from './memory.ts'
import type { SpoolMeter } from './meter.ts'
import { leftOf, oldestOf } from './segment.ts'
import { openWithoutDisk } from './without-disk.ts'

export type SpoolOptions = {
  /** Where the folders of this kind of service are; each process has one of its own in there. */
  readonly base: string
  readonly instance: string
  /** The vantage of the samples; '' where they have none. */
  readonly origin: string
  /** Bound of the segments; 0: no disk, memory alone. */
  readonly maxBytes: number
  /** Whether what VictoriaMetrics acknowledged is kept on disk for a minute: in a part of those bytes. */
  readonly hasJournal?: boolean
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
/** Of all bytes. A minute and a quarter of 10,000 devices that are pinged every 10 s takes 0.7 MB. */
const JOURNAL_SHARE = 1 / 16

/**
 * A backlog on disk. What is added is in memory until it is written, some milliseconds later; while the disk takes nothing it
 * stays there, up to a bound. A folder that can't be made is told of once: samples wait in memory then.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  return options.maxBytes === 0 ? openWithoutDisk(options) : await withDisk(options)
}

async function withDisk(options: SpoolOptions): Promise<Spool> {
  const { base, instance, origin, meter, log } = options
  const queue = createQueue(options.bufferBytes)
  const journalBytes = options.hasJournal ? Math.floor(options.maxBytes * JOURNAL_SHARE) : 0
  const limitBytes = options.maxBytes - journalBytes
  const journal = journalBytes > 0 ? createJournal(origin, journalBytes, meter.unkept) : null
  const places = new WeakMap<Ticket, Place>()
  const inMemory = new WeakMap<Reading, readonly Held[]>()
  const onDisk = new WeakMap<Reading, { readonly disk: Disk; readonly block: Block }>()
  // What is found damaged at the start is told once somebody listens.
  const early: [samples: number, reason: LossReason][] = []
  let tell = (samples: number, reason: LossReason): void => void early.push([samples, reason])
  /** Null while there is no folder: it couldn't be made yet. */
  let place: { readonly folder: Folder; readonly disk: Disk } | null = null
  let failure: string | null = null
  let [touchAt, adoptAt, retryAt] = [0, 0, 0]
  let toClear = false
  let running: Promise<void> | undefined
  let isClosed = false
  let closing: Promise<number> | undefined

  await turn().catch(fail)
  tellState()
  const timer = setInterval(wake, TURN_MS).unref()

  async function open(): Promise<NonNullable<typeof place>> {
    const folder = await openFolder(base, instance)
    const disk = openDisk(folder.path, {
      origin,
      maxBytes: limitBytes,
      onDrop: (samples) => lost(samples, 'overflow'),
      onCorrupt(records, samples) {
        meter.corrupt(records)
        lost(samples, 'corrupt')
        log.warn({ records, samples }, 'the spool has damaged records: passed over')
      },
    })
    return { folder, disk }
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
        tellState()
        if ((queue.held.length > 0 || journal?.isDirty) && failure === null) wake() // added while this was ending
      })
  }

  async function turn(): Promise<void> {
    const now = performance.now()
    if (failure !== null && now < retryAt) return
    place ??= await open()
    if (toClear) {
      toClear = false
      await place.disk.clear()
      await journal?.clear()
    }
    const failures: Error[] = []
    const attempt = (step: () => Promise<void>): Promise<void> =>
      step().catch((error: Error) => void failures.push(error))
    await attempt(() => keepPlace(now))
    // What was stored gives its room up first: on a full disk there is no other for what is to be written.
    await attempt(commit)
    await attempt(writeSamples)
    // What is missing in VictoriaMetrics goes before what it has.
    if (queue.held.length === 0) await attempt(writeJournal)
    await attempt(sync)
    await attempt(commit)
    if (failures[0] !== undefined) throw failures[0]
    if (failure !== null) log.info('the spool can be written to again')
    failure = null
  }

  async function sync(): Promise<void> {
    await place?.disk.sync()
  }

  async function commit(): Promise<void> {
    await place?.disk.commit()
  }

  async function keepPlace(now: number): Promise<void> {
    if (now >= touchAt) await keepFolder(now)
    if (now >= adoptAt) await adopt(now)
  }

  async function writeSamples(): Promise<void> {
    try {
      while (queue.held.length > 0) await writeSome()
    } catch (error) {
      const isFull = (error as NodeJS.ErrnoException).code === 'ENOSPC'
      if (!isFull || !(await journal?.giveWay())) throw error
      while (queue.held.length > 0) await writeSome()
    }
  }

  async function writeSome(): Promise<void> {
    place ??= await open()
    const some = queue.first(WRITE_BYTES)
    const written = await place.disk.write(some)
    // Frozen for a minute, and another process has taken the folder over: what was written may be read by nobody.
    if (!(await place.folder.isOwned())) return await leaveFolder()
    for (const [index, one] of some.entries()) {
      const at = written[index]
      if (at === undefined) continue
      places.set(one, at)
      if (one.state !== 'waiting') at.segment.settled.add(at.index)
    }
    queue.remove(some)
  }

  async function writeJournal(): Promise<void> {
    if (!journal?.isDirty) return
    if (place !== null && !(await place.folder.isOwned())) await leaveFolder()
    place ??= await open()
    await journal.write(place.folder.path)
  }

  async function keepFolder(now: number): Promise<void> {
    touchAt = now + TOUCH_MS
    if (place !== null && !(await place.folder.touch())) await leaveFolder()
  }

  async function leaveFolder(): Promise<void> {
    log.warn('another process has taken over the folder of the spool: this one begins a new one')
    await place?.disk.close().catch(() => {})
    place = null
  }

  async function adopt(now: number): Promise<void> {
    adoptAt = now + ADOPT_MS
    place ??= await open()
    const { folder, disk } = place
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
        { reason: error.message, folder: place?.folder.path ?? base },
        "the spool can't be written to: samples that VictoriaMetrics doesn't take wait in memory",
      )
    }
    failure = error.message
  }

  function tellState(): void {
    const { bytes, samples } = sizes()
    meter.state({ bytes, limitBytes, samples, isFailing: failure !== null })
  }

  function sizes(): { records: number; samples: number; bytes: number } {
    const total = { records: queue.held.length, samples: queue.samples, bytes: queue.bytes }
    for (const segment of place?.disk.segments ?? []) {
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
    const at = places.get(ticket)
    // One that is being written at this moment is settled once its place is known.
    if (at !== undefined) at.segment.settled.add(at.index)
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
    keep(batch, storedBy) {
      if (journal === null || isClosed) return
      journal.add({ batch, storedBy })
      wake()
    },
    settle,
    async read() {
      const disk = place?.disk
      const block = (await disk?.read()) ?? null
      if (block !== null && disk !== undefined) {
        const reading: Reading = { waiting: block.waiting, isKept: true }
        onDisk.set(reading, { disk, block })
        return reading
      }
      return failure === null ? null : readQueue(queue, inMemory)
    },
    done(reading) {
      const read = onDisk.get(reading)
      read?.disk.done(read.block)
      for (const one of inMemory.get(reading) ?? []) settle(one)
      meter.replayed(reading.waiting.reduce((sum, { batch }) => sum + batch.samples, 0))
    },
    rewind: () => place?.disk.rewind(),
    hold: (isHeld) => place?.disk.hold(isHeld),
    oldest(startedAt) {
      const oldest = new Map<string, number>()
      const note = (vantage: string, from: number) => {
        if (from < (oldest.get(vantage) ?? Number.POSITIVE_INFINITY)) oldest.set(vantage, from)
      }
      for (const segment of place?.disk.segments ?? [])
        note(segment.origin, oldestOf(segment, startedAt))
      note(origin, oldestIn(queue.held, startedAt))
      return oldest
    },
    clear() {
      const { samples } = sizes()
      doneInQueue(queue, queue.held)
      for (const segment of place?.disk.segments ?? [])
        segment.next = segment.committed = segment.at.length
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
    // What must be sent again was added: this is for an end that nobody could prepare.
    await journal?.clear().catch(() => {})
    const isEmpty = await place?.disk.close().catch(() => false)
    await place?.folder.release(isEmpty === true).catch(() => {})
    return left
  }
}

/** For /health. */
export const spoolTroubles = ({ failure }: Spool): string[] =>
  failure === null
    ? []
    : [`the spool can't be written to, samples that wait are in memory alone: ${failure}`]
