import type { Inventory } from '../../lib/inventory.ts'
import type { Logger } from '../../lib/log.ts'
import type { DeviceState } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { deriveFromHistory, readKept } from '../availability/history.ts'
import { type Machine, UNSEEN, resume } from '../availability/machine.ts'
import { type DeviceTrack, createTrack } from './device-track.ts'

/** A longer gap in what alerting wrote isn't crossed by reading each sample. */
const REPLAY_MS = 6 * 3_600_000
const RETENTION_MS = 400 * 86_400_000
/** An outage this young may not be confirmed: its samples are read. */
const YOUNG_MS = 600_000

export type RestoredFleet = {
  readonly tracks: ReadonlyMap<string, DeviceTrack>
  /** Samples count from here. */
  readonly readFrom: number
}

/** The enabled devices with their states as of `at`: those that alerting wrote then, or what the samples before say. */
export async function restoreFleet(
  victoriaMetrics: VictoriaMetrics,
  inventory: Inventory,
  at: number,
  log: Logger,
  signal: AbortSignal,
): Promise<RestoredFleet> {
  const kept = await readKept(victoriaMetrics, at, signal)
  const isKept = kept.watermark !== null && at - kept.watermark <= REPLAY_MS
  const derived = isKept
    ? new Map<string, DeviceState>()
    : await deriveFromHistory(victoriaMetrics, RETENTION_MS, at - YOUNG_MS, signal, log)
  const tracks = new Map<string, DeviceTrack>()
  let longestMs = 0
  for (const device of inventory.values()) {
    if (!device.enabled) continue
    const state = isKept ? kept.states.get(device.id) : derived.get(device.id)
    const machine: Machine =
      state === undefined
        ? UNSEEN
        : resume({ up: state.up, since: state.since }, device.ping.confirm)
    tracks.set(device.id, createTrack(device, machine))
    longestMs = Math.max(longestMs, device.ping.intervalMs)
  }
  const knownUntil = isKept ? Math.min(at, kept.watermark ?? at) : at - YOUNG_MS
  return { tracks, readFrom: knownUntil - 3 * longestMs }
}
