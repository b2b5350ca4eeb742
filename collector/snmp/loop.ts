import { type Clock, isAbort } from '../../lib/clock.ts'
import type { Config } from '../../lib/config/schema.ts'
import type { Device, InventorySource } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Logger } from '../../lib/log.ts'
import type { Labels } from '../../lib/labels.ts'
import type { SnmpMeter } from '../meter.ts'
import { STOOD_STILL_MS, isClockSet } from '../plan.ts'
import type { Pokes } from '../pokes.ts'
import { type Polled, planFleet, slowestOf } from './fleet.ts'
import type { DeviceMemory } from './memory.ts'
import type { SnmpModule } from './module.ts'
import { createNews } from './news.ts'
import { paceStarts } from './pace.ts'
import { pollDevice, pollSummary } from './poll.ts'
import { createReadings } from './readings.ts'
import { isResting, restUntil } from './rest.ts'
import { openTransport } from './protocol/transport.ts'

export type SnmpDeps = {
  readonly inventory: InventorySource
  readonly credentials: Config['credentials']
  /** By name: what devices may be polled for. */
  readonly modules: ReadonlyMap<string, SnmpModule>
  /** Adds wardline's own labels to those of a table's row. */
  readonly tag: (device: Device, labels: Labels) => Labels
  /** Tell of devices to be polled in the next second, whatever their interval and however often they failed. */
  readonly pokes: Pick<Pokes, 'onPoke'>
  /** Tell of devices that answer pings (again): the same for those whose last poll failed. */
  readonly recoveries: Pick<Pokes, 'onPoke'>
  readonly write: (samples: readonly Sample[]) => void
  /** The IP literal of a device's address, null while its name isn't resolved. */
  readonly resolve: (device: Device) => string | null
  /** While it is, no poll is begun: nothing could be learned, and every device would be tried less often afterwards. */
  readonly isBlind?: () => boolean
  /** Until when the devices are this collector's, if it hears nothing more. Left out: for ever. */
  readonly heldUntil?: () => number
  /** Whether there is no other collector that has them after that. Left out: there is none. */
  readonly isAlone?: () => boolean
  /** Told after every poll that read texts: labels of `device_info`. */
  readonly learn: (device: Device, texts: Readonly<Record<string, string>>) => void
  readonly meter: SnmpMeter
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Polls under way at once. Devices that failed last time have a lane of their own: a silent one stays in it for as long
 * as it is waited for, so a site that is cut off fills that lane and no other.
 */
const LANES = { healthy: 4_000, failing: 1_000 } as const
type Lane = keyof typeof LANES

const SLOT_MS = 1_000
/** Between two batches when the loop woke late: what was missed isn't made up for in one burst. */
const LEAST_GAP_MS = 5
/** What a slot didn't get to is started so far into the next one: a pause of the machine costs no polls. */
const LATE_MS = 500
const REPORT_MS = 15_000
const ASK_AGAIN_MS = 20
const SLOWEST = 10

/** Polls each device in its own second of its interval until the signal aborts. A late slot is skipped, never queued. */
export async function runSnmp(deps: SnmpDeps, signal: AbortSignal): Promise<void> {
  const { inventory, meter, clock, log } = deps
  const { credentials, tag } = deps
  const poked = new Set<string>()
  const recovered = new Set<string>()
  // From the first moment on: who starts again asks at once for what was missed.
  const unhooks = [
    deps.pokes.onPoke((id) => poked.add(id)),
    deps.recoveries.onPoke((id) => recovered.add(id)),
  ]
  using _unhook = { [Symbol.dispose]: () => unhooks.forEach((unhook) => unhook()) }
  await using transport = await openTransport(signal)
  const pollDeps = { transport, credentials, tag, readings: createReadings(deps.modules) }
  const news = createNews(log, transport.counts)
  const running = new Map<string, Promise<void>>()
  const inLane = { healthy: 0, failing: 0 }
  let fleet = planFleet(inventory.current, null)
  warnOfSmallBuffer(log, transport.receiveBufferBytes, fleet.rate)
  const stop = inventory.onChange((changed) => {
    const before = fleet
    fleet = planFleet(changed, before)
    for (const target of before.polled.values()) if (!running.has(target.device.id)) leave(target)
  })
  try {
    for (let slotAt = nextSlot(clock.now()); ; slotAt += SLOT_MS) {
      await sleepTowards(slotAt)
      const heldUntil = await untilHeld()
      slotAt = skipOverrun(slotAt, heldUntil)
      meter.targets(fleet.plan.size)
      await startSlot(slotAt)
      if (slotAt % REPORT_MS === 0) report()
      news.flush(slotAt)
      meter.success(slotAt)
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  } finally {
    stop()
    await Promise.allSettled(running.values())
  }

  /** Never longer than a slot, or a clock that is set back would be waited for. */
  async function sleepTowards(at: number): Promise<void> {
    await clock.sleepUntil(Math.min(at, clock.now() + SLOT_MS), signal)
  }

  /** Who stood still for long asks first whether the devices are still its own. Resolves with until when they had been. */
  async function untilHeld(): Promise<number> {
    const heldUntil = deps.isAlone?.() === false ? (deps.heldUntil?.() ?? Infinity) : Infinity
    while (clock.now() >= (deps.heldUntil?.() ?? Infinity))
      await clock.sleepUntil(clock.now() + ASK_AGAIN_MS, signal)
    return heldUntil
  }

  /** The slot to begin now, or next: slots that were slept over are counted and left behind, but for what others had. */
  function skipOverrun(planned: number, heldUntil: number): number {
    const now = clock.now()
    if (isClockSet(planned, now)) return Math.floor(now / SLOT_MS) * SLOT_MS
    const least = now - planned >= STOOD_STILL_MS ? 0 : SLOT_MS
    let slotAt = planned
    for (; now - slotAt >= least; slotAt += SLOT_MS) {
      if (slotAt >= heldUntil) continue
      const { length } = fleet.plan.due(slotAt)
      meter.samplesDue(length)
      meter.missed(length)
    }
    meter.lag(Math.max(0, now - slotAt) / 1000)
    return slotAt
  }

  async function startSlot(slotAt: number): Promise<void> {
    const due = dueAt(slotAt)
    meter.due(due.length)
    meter.samplesDue(due.length)
    let started = 0
    for (const { afterMs, from, to } of paceStarts(due.length)) {
      await sleepTowards(Math.max(slotAt + afterMs, clock.now() + LEAST_GAP_MS))
      const now = clock.now()
      if (now >= slotAt + SLOT_MS + LATE_MS || now < slotAt - SLOT_MS) break
      for (const target of due.slice(from, to)) if (start(target, slotAt)) started++
      meter.inFlight(running.size)
    }
    meter.missed(due.length - started)
  }

  /** By plan, without those that rest; and those that something happened to. None while nothing can be learned. */
  function dueAt(slotAt: number): readonly Polled[] {
    if (deps.isBlind?.() === true) return []
    const awake = new Set(takeIdle(poked))
    for (const target of takeIdle(recovered)) {
      // At a collector's start every device comes back, so to say: those have their turns.
      if (target.memory.outcome === 'failed') awake.add(target)
    }
    for (const { memory } of awake) forgive(memory)
    const planned = fleet.plan.due(slotAt)
    let rested = 0
    for (const target of planned) {
      if (isResting(target.memory.restUntil, slotAt, target.device.snmp.intervalMs)) rested++
      else awake.add(target)
    }
    meter.rested(rested)
    return [...awake]
  }

  /** Those that aren't being polled: a poll under way may have asked before it happened, so its end is waited for. */
  function takeIdle(ids: Set<string>): Polled[] {
    return [...ids].flatMap((id) => {
      if (running.has(id)) return []
      ids.delete(id)
      return fleet.polled.get(id) ?? []
    })
  }

  /** False when its last poll still runs or its lane is full: the turn is missed, not put off. */
  function start({ device, memory }: Polled, at: number): boolean {
    const before = memory.outcome
    const lane: Lane = before === 'failed' ? 'failing' : 'healthy'
    if (running.has(device.id) || inLane[lane] >= LANES[lane]) return false
    inLane[lane]++
    const poll = { device, memory, at, address: deps.resolve(device) }
    const run = pollDevice(poll, pollDeps)
      .then((result) => {
        // What is silent is not slow, and would fill the list of what is.
        memory.seconds = result.errors < result.pdus ? result.seconds : null
        memory.restUntil = restUntil(at, device.snmp.intervalMs, memory.silences)
        const nextAt = fleet.plan.nextSlot(device.id, Math.max(at + SLOT_MS, memory.restUntil))
        const nextMs = (nextAt ?? at + device.snmp.intervalMs) - at
        deps.write([pollSummary(poll, result, nextMs), ...result.samples])
        meter.samplesMade(1)
        if (isPolled({ device, memory }) && Object.keys(result.texts).length > 0) {
          deps.learn(device, result.texts)
        }
        news.polled(device.id, before, result.failure)
      })
      .catch((error: unknown) => {
        if (!isAbort(error, signal))
          log.error({ err: error, device: device.id }, 'SNMP poll failed')
      })
      .finally(() => {
        inLane[lane]--
        running.delete(device.id)
        leave({ device, memory })
        meter.inFlight(running.size)
      })
    running.set(device.id, run)
    return true
  }

  function report(): void {
    const { dropped, broken } = transport.counts
    meter.dropped({ ...dropped, broken })
    meter.slowest(slowestOf(fleet, SLOWEST))
  }

  /** False for a device that left the inventory, or is another one there now. */
  function isPolled({ device, memory }: Polled): boolean {
    return fleet.polled.get(device.id)?.memory === memory
  }

  /** Ends the session of a device that isn't polled any more. */
  function leave(target: Polled): void {
    if (isPolled(target)) return
    const { memory } = target
    memory.session?.open.close()
    memory.session = null
  }
}

/** It may well be there again: it has the patience again that others have before their turns are left out. */
function forgive(memory: DeviceMemory): void {
  memory.silences = Math.min(memory.silences, 1)
  memory.restUntil = 0
}

const nextSlot = (at: number): number => Math.ceil(at / SLOT_MS) * SLOT_MS

/**
 * The buffer has to hold what arrives while the process is busy for a quarter of a second: ten answers a poll, 2,304
 * bytes each as the kernel counts a full packet.
 */
export function neededBufferBytes(pollsPerSecond: number): number {
  return Math.ceil(pollsPerSecond * 0.25 * 10 * 2304)
}

function warnOfSmallBuffer(log: Logger, bytes: number, pollsPerSecond: number): void {
  const needed = neededBufferBytes(pollsPerSecond)
  if (bytes >= needed) return
  log.warn(
    { receive_buffer_bytes: bytes, needed_bytes: needed },
    'SNMP: the receive buffer is small for this fleet and answers may be lost: ' +
      'set it with "sysctl -w net.core.rmem_max=8388608" and restart',
  )
}
