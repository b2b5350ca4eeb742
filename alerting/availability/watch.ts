import type { Device, Inventory } from '../../lib/inventory.ts'
import { type DeviceState, type Evidence, type Status, deriveStatuses } from '../../lib/status.ts'
import type { Logger } from '../../lib/log.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { deriveFromHistory, readKept } from './history.ts'
import { type Machine, UNSEEN, observe, resume } from './machine.ts'
import { readPingSamples } from './samples.ts'

/** A device's kept state changed. `state` null: it was switched off or left, and begins anew if it comes back. */
export type Transition = {
  readonly device: string
  readonly state: DeviceState | null
  readonly at: number
}

export type Fleet = {
  readonly inventory: Inventory
  readonly statuses: ReadonlyMap<string, Status>
  evidence(id: string): Evidence | undefined
  /** Devices with failed probes that aren't confirmed yet. */
  isSuspect(id: string): boolean
  /** Stamp of the newest ping sample of all; null before the first. */
  readonly newestAt: number | null
  /** When this process read samples for the first time: before that nobody looked. */
  readonly watchedSince: number
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
  /** The kept state of every device, to be written again. */
  states(): Iterable<readonly [string, DeviceState]>
}

/** Samples arrive up to a probe's length after their stamp: so much is read again each time. */
const OVERLAP_MS = 20_000
/** A longer gap is crossed by query, not by replaying each sample. */
const REPLAY_MS = 6 * 3_600_000
const CHUNK_MS = 600_000
const RETENTION_MS = 400 * 86_400_000

export function createAvailabilityWatch(
  victoriaMetrics: VictoriaMetrics,
  log: Logger,
): AvailabilityWatch {
  const machines = new Map<string, Machine>()
  let newestAt: number | null = null
  let watchedSince: number | null = null
  // Kept until they were handed over: a reading that fails halfway has moved machines on already.
  const transitions: Transition[] = []

  async function restore(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    const kept = await readKept(victoriaMetrics, signal)
    const gapMs = kept.watermark === null ? RETENTION_MS : at - kept.watermark
    const replayable = gapMs <= REPLAY_MS
    const states = replayable
      ? kept.states
      : await deriveFromHistory(victoriaMetrics, gapMs, at - CHUNK_MS, signal)
    for (const device of inventory.values()) {
      // Over a long gap a state that still holds keeps its own since: it may lie before the gap.
      const before = kept.states.get(device.id)
      const now = states.get(device.id) ?? before
      const state =
        before !== undefined &&
        now?.up === before.up &&
        now.since <= (kept.watermark ?? 0) + CHUNK_MS
          ? before
          : now
      if (state !== undefined) machines.set(device.id, resume(state, device.ping.confirm))
    }
    newestAt = replayable ? (kept.watermark ?? at) : at - CHUNK_MS
    log.info({ devices: machines.size, gap_seconds: Math.round(gapMs / 1000) }, 'states restored')
  }

  async function catchUp(inventory: Inventory, at: number, signal: AbortSignal): Promise<void> {
    let start = (newestAt ?? at) - OVERLAP_MS
    while (start <= at) {
      const end = Math.min(start + CHUNK_MS, at)
      const samples = await readPingSamples(victoriaMetrics, { start, end: end + 999 }, signal)
      for (const [id, list] of samples) {
        const device = inventory.get(id)
        if (device?.enabled === true) advance(device, list)
      }
      start = end + 1
    }
  }

  function advance(device: Device, samples: readonly { at: number; up: boolean }[]): void {
    let machine = machines.get(device.id) ?? UNSEEN
    for (const { at, up } of samples) {
      const next = observe(machine, up, at, device.ping.confirm)
      if (next.state !== null && next.state !== machine.state) {
        transitions.push({ device: device.id, state: next.state, at: next.state.since })
      }
      machine = next
      newestAt = Math.max(newestAt ?? at, at)
    }
    machines.set(device.id, machine)
  }

  function forgetSwitchedOff(inventory: Inventory, at: number): void {
    for (const [id, machine] of machines) {
      if (inventory.get(id)?.enabled === true) continue
      machines.delete(id)
      if (machine.state !== null) transitions.push({ device: id, state: null, at })
    }
  }

  function evidence(id: string): Evidence | undefined {
    const machine = machines.get(id)
    if (machine === undefined) return undefined
    return {
      state: machine.state,
      lastSampleAt: Number.isFinite(machine.lastAt) ? machine.lastAt : null,
    }
  }

  return {
    async read(inventory, at, signal) {
      if (watchedSince === null) {
        await restore(inventory, at, signal)
        watchedSince = at
      }
      forgetSwitchedOff(inventory, at)
      await catchUp(inventory, at, signal)
      let watermark = newestAt ?? at
      for (const { failingSince, state } of machines.values()) {
        // An outage that isn't confirmed yet must be read again from its first failed probe after a restart.
        if (failingSince !== null && state?.up !== false)
          watermark = Math.min(watermark, failingSince - 1)
      }
      return {
        transitions: transitions.splice(0),
        watermark,
        fleet: {
          inventory,
          statuses: deriveStatuses(inventory.values(), evidence, at),
          evidence,
          isSuspect: (id) => isSuspect(machines.get(id)),
          newestAt,
          watchedSince,
        },
      }
    },
    *states() {
      for (const [id, { state }] of machines) if (state !== null) yield [id, state]
    },
  }
}

const isSuspect = (machine: Machine | undefined): boolean =>
  machine !== undefined && machine.failingSince !== null && machine.state?.up !== false
