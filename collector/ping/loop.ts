import { type Clock, isAbort } from '../../lib/clock.ts'
import type { Device, InventorySource } from '../../lib/inventory.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Logger } from '../../lib/log.ts'
import type { Blindness } from '../blindness/watch.ts'
import type { LoopMeter } from '../meter.ts'
import type { Pokes } from '../pokes.ts'
import { type Plan, STOOD_STILL_MS, createPlan, isClockSet } from '../plan.ts'
import type { Others } from '../share/others.ts'
import { createBurst } from './burst.ts'
import { type Echoes, type FpingRun, runDeadlineMs, runFping } from './fping.ts'
import { createRelatives } from './relatives.ts'
import { type PlannedRun, planRuns } from './runs.ts'
import { createVantageLabels, pingSample } from './samples.ts'

/** A probe whose outcome differs from the one before it, or may confirm an outage. `at` is its slot. */
export type Outcome = { readonly device: string; readonly up: boolean; readonly at: number }

export type PingDeps = {
  /** The devices that are probed here. */
  readonly inventory: InventorySource
  /** All devices, those of other collectors too. Left out: there are no others. */
  readonly fleet?: Pick<InventorySource, 'current'>
  readonly others?: Others
  /** Until when they are this collector's, if it hears nothing more: no slot after that is begun. Left out: for ever. */
  readonly heldUntil?: () => number
  /** Whether there is no other collector that has them after that. Left out: there is none. */
  readonly isAlone?: () => boolean
  readonly vantage: string
  readonly fping: string
  /** The IP literal of a device's address, null while its name isn't resolved. */
  readonly resolve: (device: Device) => string | null
  readonly write: (samples: readonly Sample[]) => void
  /** Told after the samples were handed to `write`. */
  readonly changed: (outcomes: readonly Outcome[]) => void
  readonly due: (slotAt: number, count: number) => void
  /** Devices to be asked in the next second, whatever their interval. */
  readonly pokes: Pick<Pokes, 'onPoke'>
  /** Whether this collector sees the network at all, by what it is told here. Left out: it always does. */
  readonly blindness?: Omit<Blindness, 'run'>
  readonly meter: LoopMeter
  readonly clock: Clock
  readonly log: Logger
  /** The probe itself: fping unless a test says otherwise. */
  readonly probe?: (run: FpingRun, signal: AbortSignal) => Promise<Map<string, Echoes>>
}

/**
 * How many echoes more than others an extra probe has. At 20 % random loss three probes of two echoes all fail every other
 * day; with one more echo in the extra ones, every 45 days (C7). It costs 0.1 s of detection time.
 */
const EXTRA_ECHOES = 1

/**
 * What was asked in vain while the collector was blind is asked again over so many seconds, unless its turn comes in
 * them: nobody knows how it is.
 */
const AFTER_BLINDNESS_MS = 10_000

/** Beside the slots that may be under way by plan: ending a process takes a moment, and a reload may shorten timeouts. */
const SPARE_SLOTS = 5
/** Processes under way when no further slot is begun. A slot has one for each pair of count and timeout in use. */
const MAX_RUNS = 500
/** Who stood still for long asks first whether the devices are still its own; it takes a moment to know. */
const ASK_AGAIN_MS = 20

/** Pings each device in its own second of its interval until the signal aborts. A late slot is skipped, never queued. */
export async function runPing(deps: PingDeps, signal: AbortSignal): Promise<void> {
  const { clock, meter, log } = deps
  const burst = createBurst()
  const labels = createVantageLabels(deps.vantage)
  /** Asked while blind, without an answer. */
  const askedInVain = new Set<string>()
  let wasBlind = false
  const running = new Set<Promise<void>>()
  // Slots whose runs haven't all ended.
  const slots = new Set<Promise<unknown>>()
  let mostSlots = mostSlotsOf(deps.inventory.current.values())
  let plan = planOf(deps.inventory.current.values())
  const stop = deps.inventory.onChange((inventory) => {
    mostSlots = mostSlotsOf(inventory.values())
    plan = planOf(inventory.values())
    burst.retain({ has: isProbed })
    deps.blindness?.retain({ has: isProbed })
  })
  const unhook = deps.pokes.onPoke((id) => {
    if (isProbed(id)) burst.request(id, clock.now())
  })
  using relatives = createRelatives({
    fleet: deps.fleet ?? deps.inventory,
    own: deps.inventory,
    burst,
    others: deps.others,
    now: () => clock.now(),
  })
  try {
    let slotAt = Math.ceil(clock.now() / 1000) * 1000
    while (!signal.aborted) {
      // Never more than a slot, or a clock that was set back just now would be waited for.
      await clock.sleepUntil(Math.min(slotAt, clock.now() + 1000), signal)
      slotAt = skipMissed(slotAt)
      if (slotAt > clock.now()) continue
      if (!isHeldAt(slotAt)) {
        await clock.sleepUntil(clock.now() + ASK_AGAIN_MS, signal)
        continue
      }
      followSight(slotAt)
      startSlot(slotAt)
      slotAt += 1000
    }
  } catch (error) {
    if (!isAbort(error, signal)) throw error
  } finally {
    stop()
    unhook()
    await Promise.allSettled(running)
  }

  function isProbed(id: string): boolean {
    return deps.inventory.current.get(id)?.enabled === true
  }

  function isHeldAt(at: number): boolean {
    return at < (deps.heldUntil?.() ?? Infinity)
  }

  /** While nothing can be learned, nothing is asked out of its turn. */
  function followSight(at: number): void {
    const isBlind = deps.blindness?.isBlind() ?? false
    if (isBlind === wasBlind) return
    wasBlind = isBlind
    if (isBlind) return burst.pause()
    let spread = 0
    for (const id of askedInVain) {
      const turnAt = plan.nextSlot(id, at)
      if (turnAt === null || turnAt <= at + AFTER_BLINDNESS_MS) continue
      burst.request(id, at + spread)
      spread = (spread + 1000) % AFTER_BLINDNESS_MS
    }
    askedInVain.clear()
  }

  /** The slot to begin now, or next: slots that were slept over are counted and left behind. */
  function skipMissed(from: number): number {
    let at = from
    const now = clock.now()
    if (isClockSet(from, now)) return Math.floor(now / 1000) * 1000
    const least = now - from >= STOOD_STILL_MS ? 0 : 1000
    for (; now - at >= least; at += 1000) countMissed(at, plan.due(at).length)
    meter.lag(Math.max(0, now - at) / 1000)
    return at
  }

  function countMissed(at: number, count: number): void {
    if (!isHeldAt(at) && deps.isAlone?.() === false) return // others had them
    meter.missed(count)
    meter.samplesDue(count)
    deps.due(at, count)
  }

  function startSlot(at: number): void {
    meter.targets(plan.size)
    if (slots.size >= mostSlots || running.size >= MAX_RUNS) {
      // Before bursts are asked: the extra probes stay due, and a later slot takes them.
      const { length } = plan.due(at)
      meter.due(length)
      countMissed(at, length)
      return
    }
    const due = dueDevices(at)
    meter.due(due.size)
    meter.samplesDue(due.size)
    deps.due(at, due.size)
    const slot: Promise<unknown> = Promise.all(
      planRuns(due, deps.resolve).map((run) => startRun(run, at)),
    ).finally(() => slots.delete(slot))
    slots.add(slot)
    meter.inFlight(running.size)
    meter.success(at)
  }

  /** Resolves when the run ended, however it did. */
  function startRun(run: PlannedRun, at: number): Promise<void> {
    const probing = probeRun(run, at)
      .catch((error: unknown) => {
        if (!isAbort(error, signal))
          log.error({ reason: (error as Error).message }, 'ping run failed')
      })
      .finally(() => {
        running.delete(probing)
        meter.inFlight(running.size)
      })
    running.add(probing)
    return probing
  }

  /** Each due device with the echoes of its probe: extra ones ask once more, so that random loss alone confirms nothing. */
  function dueDevices(at: number): Map<Device, number> {
    const due = new Map<Device, number>()
    for (const device of plan.due(at)) due.set(device, device.ping.count)
    for (const id of wasBlind ? [] : burst.take(at)) {
      const device = deps.inventory.current.get(id)
      if (device?.enabled === true) due.set(device, device.ping.count + EXTRA_ECHOES)
    }
    return due
  }

  async function probeRun({ count, timeoutMs, targets }: PlannedRun, at: number): Promise<void> {
    const probe = deps.probe ?? runFping
    const results = await probe(
      {
        fping: deps.fping,
        count,
        timeoutMs,
        addresses: [...targets.keys()],
      },
      signal,
    )
    const samples: Sample[] = []
    const seen: { device: Device; id: string; address: string; up: boolean }[] = []
    for (const [address, devices] of targets) {
      const echoes = results.get(address)
      if (echoes === undefined) continue
      const up = echoes.some((echo) => echo !== null)
      for (const device of devices) {
        samples.push(pingSample(labels(device), echoes, at))
        // It may have left, or have been switched off, while the run was under way.
        if (isProbed(device.id)) seen.push({ device, id: device.id, address, up })
      }
    }
    meter.samplesMade(samples.length)
    deps.blindness?.probed(at, seen) // its marks go before the samples that they are about
    deps.write(samples)
    const now = clock.now()
    const news = seen.filter(({ device, up }) => learn(device, up, now))
    relatives.tell()
    const outcomes: Outcome[] = news.map(({ id, up }) => ({ device: id, up, at }))
    if (outcomes.length > 0) deps.changed(outcomes)
  }

  /** Whether an outcome differs from the one before it, or may confirm an outage; asks whom it makes worth asking. */
  function learn(device: Device, up: boolean, now: number): boolean {
    if (!up && deps.blindness?.isBlind() === true) {
      askedInVain.add(device.id)
      return false
    }
    const meaning = burst.observe(device.id, up, now, device.ping.confirm)
    if (meaning === 'changed') relatives.ask(device, up, now)
    return meaning !== 'same'
  }
}

/** One begins each second and lasts as long as its longest run: more than that means that runs don't end. */
function mostSlotsOf(devices: Iterable<Device>): number {
  let longestMs = 0
  for (const { enabled, ping } of devices) {
    if (enabled)
      longestMs = Math.max(longestMs, runDeadlineMs({ ...ping, count: ping.count + EXTRA_ECHOES }))
  }
  return Math.ceil(longestMs / 1000) + SPARE_SLOTS
}

function planOf(devices: Iterable<Device>): Plan<Device> {
  const enabled = [...devices].filter((device) => device.enabled)
  return createPlan(
    enabled.map((device) => ({
      key: device.id,
      intervalMs: device.ping.intervalMs,
      target: device,
    })),
  )
}
