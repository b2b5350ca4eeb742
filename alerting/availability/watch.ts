import { CANARY_DEVICE } from '../../lib/canary.ts'
import type { Device, Inventory } from '../../lib/inventory.ts'
import { type DeviceState, type Evidence, deriveStatuses } from '../../lib/status.ts'
import { quoteLabelValue } from '../../lib/labels.ts'
import type { Logger } from '../../lib/log.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { createCanaryWatch } from './canary-watch.ts'
import { readChanges } from './changes.ts'
import { type Fleet, staleAfterMs } from './fleet.ts'
import { type Change, withChange } from './flapping.ts'
import { readNewest } from './history.ts'
import {
  type Machine,
  UNSEEN,
  beforeFailures,
  isUnconfirmed,
  notAfter,
  observe,
  resume,
} from './machine.ts'
import { CHUNK_MS, restoreStates } from './restored-states.ts'
import type { PingSample } from './samples.ts'
import { CLEAR_SIGHT, createVantageWatch } from './vantages.ts'

/** A device's kept state changed. `state` null: it was switched off or left, and begins anew if it comes back. */
export type Transition = {
  readonly device: string
  readonly state: DeviceState | null
  readonly at: number
}

export type Reading = {
  readonly fleet: Fleet
  readonly transitions: readonly Transition[]
  /** All samples up to here are in the kept states. */
  readonly watermark: number
}

/** Reads the new ping samples and keeps each device's state; the one reader of raw samples. */
export type AvailabilityWatch = {
  read(inventory: Inventory, at: number, signal: AbortSignal): Promise<Reading>
  /** The kept state of every device, to be written again, and the instant up to which it is known to hold. */
  states(): Iterable<readonly [id: string, state: DeviceState, knownAt: number]>
}

/** Samples arrive up to a probe's length after their stamp: so much and a probe's length is read again each time. */
const OVERLAP_MS = 20_000
/** After so long without a reading nobody can say that samples were missing meanwhile. */
const LOOK_AWAY_MS = 90_000
/** A collector's clock may be ahead of this one by so much. */
const CLOCK_TOLERANCE_MS = 60_000
const NO_CHANGES: readonly Change[] = []

export function createAvailabilityWatch(
  victoriaMetrics: VictoriaMetrics,
  log: Logger,
): AvailabilityWatch {
  const machines = new Map<string, Machine>()
  const changes = new Map<string, readonly Change[]>()
  const canary = createCanaryWatch(victoriaMetrics)
  const vantages = createVantageWatch(victoriaMetrics)
  let sights = CLEAR_SIGHT
  let newestAt: number | null = null
  let overlapMs = OVERLAP_MS
  /** Samples from here on have to be read again, until that was done. */
  let owedFrom = Infinity
  /** Stamps of each device's newest sample that says nothing. */
  const voidAt = new Map<string, number>()
  let restored = false
  /** When the last reading ended well; -Infinity after one that didn't. */
  let lookedAt = -Infinity
  let lookedInto: Inventory | undefined
  const watchedSince = new Map<string, number>()
  /** Newest samples at the start, of devices that are probed too seldom to have one among those that are read. */
  let seenAt: ReadonlyMap<string, number> = new Map()
  /** When devices without a machine were switched off or left: older samples are of another time. */
  const leftAt = new Map<string, number>()
  // Kept until they were handed over: a reading that fails halfway has moved machines on already.
  const transitions: Transition[] = []

  async function restore(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    await vantages.restore(at, signal)
    const restored = await restoreStates(
      { victoriaMetrics, blindFrom: vantages.blindFrom, log },
      inventory,
      at,
      signal,
    )
    for (const [id, since] of restored.leftAt) leftAt.set(id, since)
    for (const device of inventory.values()) {
      const state = restored.states.get(device.id)
      if (state !== undefined) machines.set(device.id, resume(state, device.ping.confirm))
    }
    const known = await readChanges(victoriaMetrics, at, signal)
    for (const [id, all] of known) if (machines.has(id)) changes.set(id, all)
    seenAt = await readNewest(victoriaMetrics, staleAfterMs(inventory), at, signal)
    newestAt = restored.readUntil
    log.info(
      { devices: machines.size, gap_seconds: Math.round(restored.gapMs / 1000) },
      'states restored',
    )
  }

  async function catchUp(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    let start = (newestAt ?? at) - overlapMs
    if (at - start > CHUNK_MS) start = Math.max(start, (await nextSampleAt(at, signal)) - overlapMs)
    start = Math.min(start, owedFrom)
    while (start <= at) {
      const end = Math.min(start + CHUNK_MS, at)
      const { samples, newsFrom } = await vantages.read({ start, end: end + 999 }, signal)
      if (newsFrom !== null) {
        owedFrom = Math.min(owedFrom, takeBack(newsFrom))
        if (owedFrom < start) {
          start = owedFrom
          continue
        }
      }
      canary.observe(samples.get(CANARY_DEVICE) ?? [], end)
      for (const [id, list] of samples) {
        const device = inventory.get(id)
        if (device?.enabled === true) advance(device, list)
      }
      start = end + 1
    }
    owedFrom = Infinity
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
    changes.clear()
    canary.forget()
    vantages.forget()
    voidAt.clear()
    for (const [id, machine] of machines) machines.set(id, notAfter(machine, at))
  }

  /**
   * A mark came after samples that it is about: what isn't an outage yet is looked at again. Gives the stamp from which on
   * samples have to be read for that.
   */
  function takeBack(newsFrom: number): number {
    let from = Infinity
    for (const [id, machine] of machines) {
      if (machine.failingSince === null || machine.lastAt < newsFrom) continue
      if (!isUnconfirmed(machine)) continue
      from = Math.min(from, machine.failingSince)
      machines.set(id, beforeFailures(machine))
    }
    return from
  }

  function advance(device: Device, samples: readonly PingSample[]): void {
    let machine = machines.get(device.id) ?? {
      ...UNSEEN,
      lastAt: leftAt.get(device.id) ?? UNSEEN.lastAt,
    }
    for (const sample of samples) {
      const { at, up } = sample
      newestAt = Math.max(newestAt ?? at, at)
      if (vantages.isVoid(sample)) {
        voidAt.set(device.id, at)
        continue
      }
      const next = observe(machine, up, at, device.ping.confirm)
      if (next.state !== null && next.state !== machine.state) {
        transitions.push({ device: device.id, state: next.state, at: next.state.since })
        if (machine.state !== null) note(device.id, next.state)
      }
      machine = next
    }
    machines.set(device.id, machine)
    leftAt.delete(device.id)
  }

  /** A change of before the kept state, which samples that are read again show once more, is known. */
  function note(id: string, { since, up }: DeviceState): void {
    const known = changes.get(id) ?? []
    if (since > (known.at(-1)?.at ?? -Infinity))
      changes.set(id, withChange(known, { at: since, up }))
  }

  /** What changes with the inventory alone. */
  function lookAt(inventory: Inventory, lookedBefore: number, at: number): void {
    const looksAgain = at - lookedBefore > LOOK_AWAY_MS
    if (looksAgain) watchedSince.clear()
    else if (inventory === lookedInto) return
    lookedInto = inventory
    for (const id of watchedSince.keys())
      if (inventory.get(id)?.enabled !== true) watchedSince.delete(id)
    let longestProbeMs = 0
    for (const { id, enabled, ping } of inventory.values()) {
      if (!enabled) continue
      if (!watchedSince.has(id)) watchedSince.set(id, at)
      longestProbeMs = Math.max(longestProbeMs, ping.count * ping.timeoutMs)
    }
    overlapMs = OVERLAP_MS + longestProbeMs
  }

  function forgetSwitchedOff(inventory: Inventory, at: number): void {
    for (const [id, machine] of machines) {
      if (inventory.get(id)?.enabled === true) continue
      machines.delete(id)
      changes.delete(id)
      voidAt.delete(id)
      leftAt.set(id, at)
      if (machine.state !== null) transitions.push({ device: id, state: null, at })
    }
  }

  function evidence(id: string): Evidence | undefined {
    const machine = machines.get(id)
    if (machine === undefined) return undefined
    const lastAt = Math.max(machine.lastAt, seenAt.get(id) ?? -Infinity)
    const blankAt = voidAt.get(id)
    return {
      state: machine.state,
      lastSampleAt: Number.isFinite(lastAt) ? lastAt : null,
      ...(blankAt === undefined ? {} : { voidAt: blankAt }),
      ...(sights.isBlind(id) ? { isBlind: true } : {}),
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
      lookAt(inventory, lookedBefore, at)
      forgetSwitchedOff(inventory, at)
      await catchUp(inventory, at, signal)
      await canary.read(at, signal)
      sights = await vantages.sights(inventory, staleAfterMs(inventory), at, signal)
      if (sights === CLEAR_SIGHT) voidAt.clear()
      let watermark = newestAt ?? at
      for (const machine of machines.values()) {
        // An outage that isn't confirmed yet must be read again from its first failed probe after a restart.
        if (machine.failingSince !== null && isUnconfirmed(machine))
          watermark = Math.min(watermark, machine.failingSince - 1)
      }
      lookedAt = at
      return {
        transitions: transitions.splice(0),
        watermark,
        fleet: {
          inventory,
          statuses: deriveStatuses(inventory.values(), evidence, at),
          evidence,
          isSuspect: (id) => isSuspect(machines.get(id)),
          confirmedAt: (id) => machines.get(id)?.confirmedAt ?? null,
          changes: (id) => changes.get(id) ?? NO_CHANGES,
          canary: canary.evidence(),
          newestAt,
          watchedSince: (id) => watchedSince.get(id) ?? at,
          ...sights,
        },
      }
    },
    *states() {
      for (const [id, machine] of machines) {
        const { state } = machine
        if (state !== null) yield [id, state, Math.max(state.since, knownAt(machine))]
      }
    },
  }

  /**
   * No transition can still come that is stamped before it: one that does would be older than what was said after
   * it, and whoever reads the last word would read the wrong one.
   */
  function knownAt(machine: Machine): number {
    if (isSuspect(machine)) return (machine.failingSince ?? 0) - 1000
    return Math.max(machine.lastAt, (newestAt ?? 0) - overlapMs)
  }
}

const isSuspect = (machine: Machine | undefined): boolean =>
  machine !== undefined && isUnconfirmed(machine)
