import { CANARY_DEVICE } from '../../lib/canary.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import type { Logger } from '../../lib/log.ts'
import { areSeveral, siteOf } from '../../lib/sites.ts'
import {
  type DeviceState,
  type Evidence,
  STALE_INTERVALS,
  deriveStatuses,
} from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { createCanaryWatch } from './canary-watch.ts'
import { readChanges } from './changes.ts'
import { type Collectors, askCollectors, askHeard, askProbed } from './collectors.ts'
import { type Transition, createDeviceStates } from './device-states.ts'
import { type Fleet, staleAfterMs } from './fleet.ts'
import { readNewest, readStatesAt } from './history.ts'
import { type Held, createHolds } from './holds.ts'
import { isUnconfirmed } from './machine.ts'
import { CHUNK_MS, restoreStates } from './restored-states.ts'
import type { Taking } from './taking.ts'
import { CLEAR_SIGHT, createVantageWatch } from './vantages.ts'
import { createWatched } from './watched.ts'

export type { Transition } from './device-states.ts'

export type Reading = {
  readonly fleet: Fleet
  readonly transitions: readonly Transition[]
  /** All samples up to here are in the kept states. */
  readonly watermark: number
  /** Up to when the states of what late vantages probe are known; null: of now. */
  readonly late: ReadonlyMap<string, number | null>
}

/** Reads the new ping samples and keeps each device's state; the one reader of raw samples. */
export type AvailabilityWatch = {
  read(inventory: Inventory, at: number, signal: AbortSignal): Promise<Reading>
  /** The kept state of every device, to be written again, and the instant up to which it is known to hold. */
  states(): Iterable<readonly [id: string, state: DeviceState, knownAt: number]>
}

/** A collector's clock may be ahead of this one by so much. */
const CLOCK_TOLERANCE_MS = 60_000
/** What came late is read from so much before it: an outage may have begun then that was confirmed without it. */
const BEFORE_LATE_MS = 120_000
/** What a VictoriaMetrics that restarted may have lost is sent again, whether it has it or not. */
const AGAIN_MS = 60_000
/** Samples that are later than this aren't looked at any more. */
const MOST_LATE_MS = 6 * 3_600_000
const freshMs = ({ ping }: Device): number => STALE_INTERVALS * ping.intervalMs

export function createAvailabilityWatch(
  victoriaMetrics: VictoriaMetrics,
  log: Logger,
): AvailabilityWatch {
  const states = createDeviceStates()
  const canary = createCanaryWatch(victoriaMetrics)
  const vantages = createVantageWatch(victoriaMetrics)
  const holds = createHolds()
  const watched = createWatched()
  let collectors: Collectors = { sites: new Map(), waiting: new Map() }
  /** Whether the states are kept by site. */
  let isBySite = false
  let sights = CLEAR_SIGHT
  let newestAt: number | null = null
  /** Samples from here on have to be read again, until that was done. */
  let owedFrom = Infinity
  /** Since when samples came late that were not looked at yet. */
  let lateFrom = Infinity
  let restored = false
  /** When the last reading ended well; -Infinity after one that didn't. */
  let lookedAt = -Infinity
  /** Newest samples at the start, of devices that are probed too seldom to have one among those that are read. */
  let seenAt: ReadonlyMap<string, number> = new Map()

  async function restore(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    await vantages.restore(at, signal)
    const found = await restoreStates(
      { victoriaMetrics, blindFrom: vantages.blindFrom, log },
      inventory,
      at,
      signal,
    )
    states.restore(found.states, found.leftAt, inventory)
    states.restoreChanges(await readChanges(victoriaMetrics, at, signal))
    seenAt = await readNewest(victoriaMetrics, staleAfterMs(inventory), at, signal)
    newestAt = found.readUntil
    // What waits by now isn't among the samples that are read next.
    await listen(inventory, at, signal)
    log.info(
      { devices: found.states.size, gap_seconds: Math.round(found.gapMs / 1000) },
      'states restored',
    )
  }

  async function catchUp(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    let start = (newestAt ?? at) - watched.overlapMs
    if (at - start > CHUNK_MS)
      start = Math.max(start, (await nextSampleAt(at, signal)) - watched.overlapMs)
    start = Math.min(start, owedFrom)
    while (start <= at) {
      const end = Math.min(start + CHUNK_MS, at)
      const wereSeveral = areSeveral(collectors.sites)
      const range = { start, end: end + 999 }
      const { samples, newsFrom } = await vantages.read(range, wereSeveral, signal)
      // A collector says that samples wait before it hands over newer ones: it is asked after those were read.
      await listen(inventory, at, signal)
      if (areSeveral(collectors.sites) !== wereSeveral) continue
      if (newsFrom !== null) {
        owedFrom = Math.min(owedFrom, states.takeBack(newsFrom))
        if (owedFrom < start) {
          start = owedFrom
          continue
        }
      }
      await knowSites(inventory, start, signal)
      canary.observe(samples.get(CANARY_DEVICE) ?? [], end)
      for (const list of samples.values())
        newestAt = Math.max(newestAt ?? -Infinity, list.at(-1)?.at ?? -Infinity)
      const taking = takingOf(end, at)
      for (const [id, list] of samples) {
        const device = inventory.get(id)
        if (device?.enabled === true) states.take(device, list, taking)
      }
      start = end + 1
    }
    decideAsOf(inventory, at)
    owedFrom = Infinity
  }

  /** Where several sites probe, who was heard of each device before the samples that are taken from `start` on. */
  async function knowSites(
    inventory: Inventory,
    start: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { sites } = collectors
    if (areSeveral(sites) === isBySite) return
    if (areSeveral(sites)) {
      const site = (vantage: string): string => siteOf(sites, vantage)
      const windowMs = staleAfterMs(inventory)
      states.hearSites(await askHeard(victoriaMetrics, site, windowMs, start, signal))
    } else states.hearSites(null)
    isBySite = areSeveral(sites)
  }

  function takingOf(end: number, at: number): Taking {
    const { sites } = collectors
    return {
      settledUntil: end < at ? end : (newestAt ?? at) - watched.overlapMs - 1,
      at: end,
      horizon: holds.horizon,
      isVoid: vantages.isVoid,
      siteOf: isBySite ? (vantage) => siteOf(sites, vantage) : null,
      isBlind: vantages.isBlindAt,
      freshMs,
    }
  }

  /** A site that fell silent isn't waited for any longer. */
  function decideAsOf(inventory: Inventory, at: number): void {
    if (!isBySite) return
    const taking = takingOf(at, at)
    for (const id of states.undecided()) {
      const device = inventory.get(id)
      if (device !== undefined) states.agree(device, taking)
    }
  }

  async function listen(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    collectors = await askCollectors(victoriaMetrics, at, signal)
    await holds.hear(collectors.waiting, at, async (vantage, from) => {
      const began = { vantage, from: new Date(from).toISOString() }
      log.warn(began, 'samples of a collector come late: verdicts on its devices wait for them')
      return heldBy(inventory, vantage, from, at, signal)
    })
  }

  /** The devices that nobody looks after whose samples aren't late, and up to when they are known. */
  async function heldBy(
    inventory: Inventory,
    vantage: string,
    from: number,
    at: number,
    signal: AbortSignal,
  ): Promise<Held> {
    const ask = (is: (one: string) => boolean, windowMs: number, until: number) =>
      askProbed(victoriaMetrics, is, windowMs, until, signal)
    const staleMs = staleAfterMs(inventory)
    const own = await ask((one) => one === vantage, staleMs + AGAIN_MS, from + AGAIN_MS)
    const others = await ask((one) => !collectors.waiting.has(one), staleMs, at)
    const devices = own.difference(others)
    let until = from
    for (const id of devices) until = Math.max(until, states.machine(id)?.lastAt ?? from)
    return { devices, until }
  }

  /** Samples that were awaited are there, or were awaited for too long: they are taken in their order. */
  async function takeLate(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    lateFrom = Math.min(lateFrom, holds.release(at))
    if (lateFrom === Infinity) return
    const first = Math.max(lateFrom, at - MOST_LATE_MS)
    const from = first - Math.max(BEFORE_LATE_MS, staleAfterMs(inventory))
    const kept = states.changedSince(from)
      ? await readStatesAt(victoriaMetrics, from, signal)
      : new Map<string, DeviceState>()
    states.rewind(from, kept, inventory)
    isBySite = false
    owedFrom = Math.min(owedFrom, from)
    lateFrom = Infinity
    log.info({ from: new Date(first).toISOString() }, 'samples that came late are looked at')
  }

  /** While nothing arrives the gap grows: it is asked for as a whole, not read chunk by chunk. Infinity: it is empty. */
  async function nextSampleAt(at: number, signal: AbortSignal): Promise<number> {
    const gapMs = at - (newestAt ?? at) - 1
    const expr = `min(tfirst_over_time(ping_up{device!=${quoteLabelValue(CANARY_DEVICE)}}[${gapMs}ms]))`
    const [next] = await victoriaMetrics.query(expr, { at, signal })
    return next === undefined ? Infinity : next.value * 1000
  }

  /**
   * A clock that was set back makes the newest samples lie in the future, and all that follow would count as old. They
   * are taken for as old as now: the states stay, and the next samples count.
   */
  function obeyClock(at: number): void {
    if (newestAt === null || newestAt <= at + CLOCK_TOLERANCE_MS) return
    log.warn({ seconds: Math.round((newestAt - at) / 1000) }, 'the clock was set back')
    newestAt = at
    seenAt = new Map()
    canary.forget()
    vantages.forget()
    holds.forget()
    states.obeyClock(at)
    isBySite = false
  }

  function evidence(id: string): Evidence | undefined {
    const machine = states.machine(id)
    if (machine === undefined) return undefined
    const lastAt = Math.max(
      machine.lastAt,
      seenAt.get(id) ?? -Infinity,
      states.heldAt(id) ?? -Infinity,
    )
    const blankAt = states.voidAt(id)
    const knownUntil = holds.horizon(id)
    return {
      state: machine.state,
      lastSampleAt: Number.isFinite(lastAt) ? lastAt : null,
      ...(blankAt === undefined ? {} : { voidAt: blankAt }),
      ...(sights.isBlind(id) ? { isBlind: true } : {}),
      ...(knownUntil === Infinity ? {} : { knownUntil }),
    }
  }

  return {
    async read(inventory, at, signal) {
      const lookedBefore = lookedAt
      lookedAt = -Infinity
      await victoriaMetrics.flush() // pushed samples are searchable 1 to 5 s late without it
      if (!restored) await restore(inventory, at, signal)
      restored = true
      obeyClock(at)
      watched.look(inventory, lookedBefore, at)
      states.forgetSwitchedOff(inventory, at)
      await takeLate(inventory, at, signal)
      await catchUp(inventory, at, signal)
      states.settleRewound()
      await canary.read(at, signal)
      sights = await vantages.sights(inventory, staleAfterMs(inventory), at, signal)
      if (sights === CLEAR_SIGHT) states.clearVoid()
      lookedAt = at
      return {
        transitions: states.transitions(),
        // An outage that isn't confirmed yet must be read again from its first failed probe after a restart.
        watermark: Math.min(newestAt ?? at, states.unconfirmedSince() - 1, holds.from),
        late: holds.words(),
        fleet: {
          inventory,
          statuses: deriveStatuses(inventory.values(), evidence, at),
          evidence,
          isSuspect(id) {
            const machine = states.machine(id)
            return machine !== undefined && isUnconfirmed(machine)
          },
          confirmedAt: (id) => states.machine(id)?.confirmedAt ?? null,
          changes: states.changes,
          canary: canary.evidence(),
          newestAt,
          watchedSince: (id) => watched.since(id) ?? at,
          ...sights,
        },
      }
    },
    states: () => states.states((newestAt ?? 0) - watched.overlapMs, holds.horizon),
  }
}
