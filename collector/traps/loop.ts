import { isIP } from 'node:net'
import { type Clock, isAbort } from '../../lib/clock.ts'
import type { Config } from '../../lib/config/schema.ts'
import type { Device, InventorySource } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Logger } from '../../lib/log.ts'
import type { TrapMeter } from '../meter.ts'
import type { Pokes } from '../pokes.ts'
import { openEngine } from './engine.ts'
import { type DropReason, createNews } from './news.ts'
import { createReceiver } from './receiver.ts'
import { planSenders } from './senders.ts'
import { openTrapSocket } from './socket.ts'
import { createTally } from './tally.ts'
import { createTriggers } from './triggers.ts'

export type TrapDeps = {
  /** UDP address. */
  readonly listen: string
  /** Where the engine of informs is kept. */
  readonly dataDir: string
  /** Of this collector: a device may send to several. */
  readonly vantage: string
  readonly inventory: InventorySource
  readonly credentials: Config['credentials']
  /** Names in `credentials` that every device may use, besides its own. */
  readonly shared: readonly string[]
  /** The IP literal of a device's address, null while its name isn't resolved. */
  readonly resolve: (device: Device) => string | null
  readonly write: (samples: readonly Sample[]) => void
  readonly pokes: Pick<Pokes, 'poke'>
  readonly meter: TrapMeter
  readonly clock: Clock
  readonly log: Logger
  /** Milliseconds on a scale that nobody sets. */
  readonly monotonic?: () => number
}

const TICK_MS = 1_000

/**
 * Takes traps and informs until the signal aborts, and writes what it counted each second. Rejects with StartError when it
 * can't begin.
 */
export async function runTraps(deps: TrapDeps, signal: AbortSignal): Promise<void> {
  const { inventory, write, meter, clock, log } = deps
  const monotonic = deps.monotonic ?? (() => performance.now())
  const engine = await openEngine(deps.dataDir, monotonic)
  const tally = createTally(clock.now(), deps.vantage)
  const triggers = createTriggers(deps.pokes.poke)
  const news = createNews(log)
  let received = 0
  const dropped = new Map<DropReason, number>()
  const receiver = createReceiver(engine, {
    told({ id }, trapOid) {
      // Keys take a moment to make: the device may have left, or have other labels by now.
      const device = inventory.current.get(id)
      if (device?.enabled !== true) return
      tally.count(device, trapOid)
      triggers.trapped(id, trapOid, monotonic())
    },
    reply: (packet, to) => socket.reply(packet, to),
    dropped(reason, address) {
      dropped.set(reason, (dropped.get(reason) ?? 0) + 1)
      news.dropped(reason, address)
    },
  })
  /** Devices with names, and the addresses that were theirs when it was planned who may send. */
  let named: ReadonlyMap<Device, string | null> = new Map()
  const socket = await openTrapSocket(deps.listen, (packet, from) => {
    received++
    receiver.receive(packet, from, monotonic())
  })
  planAgain()
  log.info({ address: deps.listen, port: socket.port }, 'SNMP: traps are taken')
  const stop = inventory.onChange((changed) => {
    tally.retain(changed)
    planAgain()
  })
  try {
    for (;;) {
      await clock.sleepUntil(secondOf(clock.now()) + TICK_MS, signal)
      flush(secondOf(clock.now()))
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  } finally {
    stop()
    await socket[Symbol.asyncDispose]()
    flush(clock.now())
  }

  function planAgain(): void {
    const withNames = [...inventory.current.values()].filter(({ address }) => isIP(address) === 0)
    named = new Map(withNames.map((device) => [device, deps.resolve(device)]))
    receiver.setSenders(
      planSenders(inventory.current, {
        credentials: deps.credentials,
        shared: deps.shared,
        resolve: deps.resolve,
      }),
    )
  }

  function flush(at: number): void {
    const now = monotonic()
    triggers.flush(now)
    const samples = tally.samples(at)
    if (samples.length > 0) write(samples)
    meter.received(received)
    received = 0
    for (const [reason, packets] of dropped) meter.dropped(reason, packets)
    dropped.clear()
    news.flush(now)
    meter.success(at)
    if (hasMoved()) planAgain()
  }

  /** A name was resolved for the first time, or has another address now. */
  function hasMoved(): boolean {
    for (const [device, address] of named) if (deps.resolve(device) !== address) return true
    return false
  }
}

const secondOf = (at: number): number => Math.floor(at / TICK_MS) * TICK_MS
