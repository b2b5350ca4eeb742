import { boundReads } from '../../lib/bounded-reads.ts'
import type { InventorySource } from '../../lib/inventory.ts'
import { REPEAT_STATES_FROM_MS, statesFromSample } from '../../lib/lateness.ts'
import type { Logger } from '../../lib/log.ts'
import type { SampleWriter } from '../../lib/sample-writer.ts'
import type { Status } from '../../lib/status.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { readLeftSeries } from '../restore.ts'
import { createSeriesKeeper } from '../series.ts'
import { assertionSamples, statusSeries, transitionSamples, watermarkSample } from './series.ts'
import type { Fleet } from './fleet.ts'
import { createAvailabilityWatch } from './watch.ts'

/** A device's status differs from what it was. Instants are ISO 8601, null where there is none. */
export type StatusChange = {
  readonly device: string
  readonly status: Status
  readonly since: string | null
  readonly at: string
}

export type Step = { readonly fleet: Fleet; readonly changes: readonly StatusChange[] }

/** One availability evaluation: reads new samples and writes what changed. */
export type AvailabilityStep = {
  /** `stampedAt` is the instant on what is written. */
  read(at: number, stampedAt: number, signal: AbortSignal): Promise<Step>
}

const ASSERT_EVERY_MS = 300_000

export function createAvailabilityStep({
  availabilityGroup,
  rewriteMs,
  inventory,
  victoriaMetrics,
  writer,
  log,
}: {
  availabilityGroup: string
  rewriteMs: number
  inventory: InventorySource
  victoriaMetrics: VictoriaMetrics
  writer: SampleWriter
  log: Logger
}): AvailabilityStep {
  const watch = createAvailabilityWatch(boundReads(victoriaMetrics), log)
  const keeper = createSeriesKeeper(rewriteMs)
  let statuses: ReadonlyMap<string, Status> = new Map()
  let assertedAt = 0
  let watermarkAt = 0
  let adopted = false
  let toldLate: ReadonlyMap<string, number | null> = new Map()
  let toldLateAt = 0

  /** Up to when the states of what a late vantage probes are known: when that changes, and again while it is late. */
  function tellLate(late: ReadonlyMap<string, number | null>, at: number): void {
    if (late.size === 0 && toldLate.size === 0) return
    const isDue = at - toldLateAt >= REPEAT_STATES_FROM_MS
    for (const vantage of new Set([...late.keys(), ...toldLate.keys()])) {
      const from = late.get(vantage) ?? null
      const isNews = !toldLate.has(vantage) || toldLate.get(vantage) !== from
      if (isNews || isDue || !late.has(vantage)) writer.write([statesFromSample(vantage, from, at)])
    }
    toldLate = late
    if (isDue) toldLateAt = at
  }

  return {
    async read(at, stampedAt, signal) {
      if (!adopted) {
        const names = ['device_status', 'device_up', 'device_down_since_seconds']
        keeper.adopt(await readLeftSeries(victoriaMetrics, names, availabilityGroup, at, signal))
        adopted = true
      }
      const { fleet, transitions, watermark, late } = await watch.read(
        inventory.current,
        at,
        signal,
      )
      writer.write(transitionSamples(transitions))
      tellLate(late, stampedAt) // after the states that were waited for
      // By the samples' time: while none arrive there is nothing new to say, and once they do it is said at once.
      const newestAt = fleet.newestAt ?? at
      if (newestAt - assertedAt >= ASSERT_EVERY_MS) {
        writer.write(assertionSamples(watch.states()))
        assertedAt = newestAt
      }
      const { samples, ended } = keeper.update(statusSeries(fleet), stampedAt)
      writer.end(ended)
      writer.write(samples)
      if (transitions.length > 0 || at - watermarkAt >= rewriteMs) {
        writer.write([watermarkSample(watermark, stampedAt)])
        watermarkAt = at
      }
      const changes = changesOf(fleet, statuses, at)
      statuses = fleet.statuses
      return { fleet, changes }
    },
  }
}

function changesOf(fleet: Fleet, before: ReadonlyMap<string, Status>, at: number): StatusChange[] {
  const changes: StatusChange[] = []
  for (const [device, status] of fleet.statuses) {
    if (before.get(device) === status) continue
    const since = fleet.evidence(device)?.state?.since
    changes.push({
      device,
      status,
      since: since === undefined ? null : new Date(since).toISOString(),
      at: new Date(at).toISOString(),
    })
  }
  return changes
}
