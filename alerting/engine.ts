import type { Clock } from '../lib/clock.ts'
import type { InventorySource } from '../lib/inventory.ts'
import type { Labels } from '../lib/labels.ts'
import type { Logger } from '../lib/log.ts'
import type { SampleWriter } from '../lib/sample-writer.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from '../lib/victoriametrics.ts'
import { alertSeries } from './alert-series.ts'
import { devicesBehind } from './availability/behind.ts'
import { type StatusChange, createAvailabilityStep } from './availability/step.ts'
import type { Fleet } from './availability/fleet.ts'
import { createBell } from './group/bell.ts'
import { createClaims } from './group/claims.ts'
import { createFleetReading } from './group/fleet-reading.ts'
import { createSharedFlush } from './group/flush.ts'
import { type GroupMemory, alertsIn, createMemory, recordsOf, statusOf } from './group/memory.ts'
import { type Runner, startRunner } from './group/runner.ts'
import type { GroupStatus } from './group/status.ts'
import { takeOn } from './group/take-on.ts'
import { until } from './group/until.ts'
import { handOn } from './hand-on.ts'
import type { AlertingMetrics } from './meter.ts'
import type { ToldAlert } from './notify/notification.ts'
import type { Notifier } from './notify/notifier.ts'
import { HELD } from './notify/view.ts'
import { type Left, goingOn, readLeft, readLeftSeries, stampKey } from './restore.ts'
import type { RuleGroup } from './rule.ts'
import { type LiveSeries, createSeriesKeeper, staleMarkers } from './series.ts'

export type EngineDeps = {
  /** Those to begin with. */
  readonly groups: readonly RuleGroup[]
  /** The group that is evaluated over the availability watch's own reading, and at once on a hint. */
  readonly availabilityGroup: string
  /** How often series that don't change are written again. */
  readonly rewriteMs: number
  readonly inventory: InventorySource
  readonly victoriaMetrics: VictoriaMetrics
  /** What groups of files ask: thousands of their queries must not hold up those that tell what is down. */
  readonly ruleQueries?: VictoriaMetrics
  readonly writer: SampleWriter
  readonly notifier: Pick<Notifier, 'restore' | 'update' | 'presume' | 'lieBehind' | 'heldSeries'>
  /** Told of statuses and alerts that changed, once they are written and searchable. */
  readonly announce: (changes: readonly StatusChange[]) => void
  /** Calls back when the collector saw a change. */
  readonly onHint: (listener: () => void) => void
  readonly externalLabels?: Labels
  readonly externalUrl?: string
  readonly meter: AlertingMetrics
  readonly clock: Clock
  readonly log: Logger
}

/** What the engine shows of itself, and how it is given other rules. */
export type EngineView = {
  groups(): readonly GroupStatus[]
  /**
   * Goes on with these groups, all at once. Alerts stay with their rules, or move to those that go on with them; what no
   * rule can produce any more is over (C5). A group that is the same value as before isn't interrupted.
   */
  reload(groups: readonly RuleGroup[]): Promise<void>
}

export type Engine = EngineView & {
  /** Evaluates every group on its grid until the signal aborts. */
  run(signal: AbortSignal): Promise<void>
}

const RETRY_MS = 1_000
const STORED_WITHIN_MS = 2_000

export function createEngine(deps: EngineDeps): Engine {
  const { clock, log, victoriaMetrics, writer, notifier, rewriteMs } = deps
  const claims = createClaims()
  const heldKeeper = createSeriesKeeper(rewriteMs)
  const shared = {
    ...deps,
    claims,
    bell: createBell(),
    fleet: createFleetReading(),
    flush: createSharedFlush(victoriaMetrics, clock),
    availability: createAvailabilityStep(deps),
    changed: announceOnceStored,
    availabilityRead,
    availabilityEvaluated,
  }
  const broken = Promise.withResolvers<never>()
  let memories = deps.groups.map((group) => createMemory(group, new Map(), rewriteMs))
  let runners: Runner[] = []
  /** Set once the groups run. */
  let running: AbortSignal | undefined
  let reloading: Promise<void> = Promise.resolve()

  return {
    groups: () => memories.map(statusOf),
    reload(groups) {
      reloading = reloading.then(() => replace(groups))
      return reloading
    },
    async run(signal) {
      deps.onHint(shared.bell.ring)
      const told = await notifier.restore().catch((error: Error) => {
        const what = 'notification log not read yet: telling waits 10 s for it'
        log.warn({ reason: error.message }, what)
        return []
      })
      const left = await inTheEnd(readLeftNow, signal)
      if (left === null) return
      begin(left, told)
      running = signal
      runners = memories.map(start)
      try {
        await Promise.race([broken.promise, aborted(signal)])
      } finally {
        await reloading
        await Promise.allSettled(runners.map((runner) => runner.stop()))
      }
    },
  }

  function start(memory: GroupMemory): Runner {
    const runner = startRunner(memory, shared, running ?? AbortSignal.abort())
    runner.running.catch(broken.reject)
    return runner
  }

  /** Goes on where the last process ended. */
  function begin(
    {
      alerts,
      series,
      delivered,
      lastEvaluations,
      recorded,
    }: Left & { readonly recorded: readonly LiveSeries[] },
    told: readonly ToldAlert[],
  ): void {
    const groups = memories.map(({ group }) => group)
    const all = { alerts: goingOn(alerts, told), series }
    const { memories: begun, ended } = takeOn(groups, all, rewriteMs)
    for (const memory of begun) memory.stampedAt = lastEvaluations.get(stampKey(memory.group))
    memories = [...begun]
    adoptRecorded(recorded)
    writer.end(staleMarkers(ended, clock.now()))
    handOn(notifier, memories, { told, delivered })
  }

  async function replace(groups: readonly RuleGroup[]): Promise<void> {
    if (running === undefined) {
      memories = groups.map((group) => createMemory(group, new Map(), rewriteMs))
      return
    }
    const given = new Set(groups)
    const staying = runners.filter(({ memory }) => given.has(memory.group))
    const leaving = runners.filter(({ memory }) => !given.has(memory.group))
    await Promise.all(leaving.map((runner) => runner.stop()))
    if (running.aborted) return
    for (const { memory } of staying) given.delete(memory.group)
    const begun = goOn(
      leaving.map(({ memory }) => memory),
      [...given],
    )
    const all = [...staying.map(({ memory }) => memory), ...begun]
    memories = groups.flatMap((group) => all.find((memory) => memory.group === group) ?? [])
    runners = [...staying, ...begun.map(start)]
  }

  /** Begins groups with what those before them had. */
  function goOn(
    before: readonly GroupMemory[],
    groups: readonly RuleGroup[],
  ): readonly GroupMemory[] {
    const alerts = before.flatMap(({ states }) => alertsIn(states))
    const series = before.flatMap(({ group, id, states }) => [
      ...alertSeries(claims.own(group.name, id, alertsIn(states))),
    ])
    const byId = new Map(before.map((memory) => [memory.id, memory]))
    const { memories: begun, ended } = takeOn(groups, { alerts, series }, rewriteMs, byId)

    // With another interval, or in another file, it goes on past what was evaluated.
    for (const memory of begun)
      memory.stampedAt ??= lastStamp(before.filter(({ group }) => group.name === memory.group.name))

    const ids = new Set(begun.map(({ id }) => id))
    for (const { group, id } of before) {
      claims.release(group.name, id)
      deps.meter.ended(group)
    }
    for (const { group, id, states } of begun)
      notifier.update(id, claims.own(group.name, id, alertsIn(states)))
    for (const { id } of before) if (!ids.has(id)) notifier.update(id, [])

    // Not now: the next evaluation may be of an instant before it, and would not be seen.
    const endedAt = 1 + (lastStamp(before) ?? clock.now())
    writer.end(staleMarkers(ended, endedAt))
    const kept = new Set(begun.flatMap(({ recordKeepers }) => [...recordKeepers.values()]))
    for (const { recordKeepers } of before)
      for (const keeper of recordKeepers.values())
        if (!kept.has(keeper)) writer.end(keeper.update([], endedAt).ended)
    return begun
  }

  function availabilityMemory(): GroupMemory | undefined {
    return memories.find(({ group }) => group.file === '' && group.name === deps.availabilityGroup)
  }

  /** What was recorded of the fleet, and what was held back, is ended where it is over. */
  function adoptRecorded(recorded: readonly LiveSeries[]): void {
    const keepers = recordsOf(availabilityMemory())
    for (const series of recorded) {
      const isRules = series.name !== HELD || HELD_BY_RULES.has(series.labels['alertname'] ?? '')
      const keeper = isRules ? keepers.get(series.name) : heldKeeper
      keeper?.adopt([series])
    }
  }

  /** What lies behind an outage is held back, whatever rule it is of: before any of them is evaluated over the same reading. */
  function availabilityRead(fleet: Fleet, at: number): void {
    const told = new Set<string>()
    for (const { state, labels } of alertsIn(availabilityMemory()?.states ?? new Map()))
      if (state === 'firing' && labels['alertname'] === 'DeviceDown')
        told.add(labels['device'] ?? '')
    notifier.lieBehind(devicesBehind(fleet, told, at))
  }

  /** What is held back shows beside the alerts. */
  function availabilityEvaluated(stampedAt: number): void {
    const { samples, ended } = heldKeeper.update(notifier.heldSeries(), stampedAt)
    writer.end(ended)
    writer.write(samples)
  }

  /** Whoever is told can read it: new series are searchable at once only after a flush. */
  function announceOnceStored(changes: readonly StatusChange[]): void {
    void writer
      .flushed(STORED_WITHIN_MS)
      .then((stored) => (stored ? victoriaMetrics.flush() : false))
      .then(() => deps.announce(changes))
      .catch((error: Error) => log.debug({ reason: error.message }, 'changes not announced'))
  }

  async function readLeftNow(
    signal: AbortSignal,
  ): Promise<Left & { readonly recorded: readonly LiveSeries[] }> {
    await until(victoriaMetrics.flush(), signal) // what the last process wrote just before its end
    const groups = memories.map(({ group }) => group)
    const left = await readLeft(victoriaMetrics, groups, clock.now(), signal)
    const names = [HELD, ...recordsOf(availabilityMemory()).keys()]
    const { availabilityGroup } = deps
    const recorded = await readLeftSeries(
      victoriaMetrics,
      names,
      availabilityGroup,
      clock.now(),
      signal,
    )
    return { ...left, recorded }
  }

  /**
   * At the start VictoriaMetrics may not be there yet: nothing may be decided before the kept states are read. Null when
   * the signal aborted first.
   */
  async function inTheEnd<T>(
    read: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | null> {
    for (let told = false; !signal.aborted; told = true) {
      try {
        return await read(signal)
      } catch (error) {
        if (signal.aborted) return null
        if (!(error instanceof VictoriaMetricsError)) throw error
        if (!told) log.warn({ reason: error.message }, 'state of the last run not read yet')
        await clock.sleepUntil(clock.now() + RETRY_MS, signal).catch(() => {})
      }
    }
    return null
  }
}

/** The latest of the stamps on what groups wrote. */
function lastStamp(memories: readonly GroupMemory[]): number | undefined {
  const stamps = memories.flatMap(({ stampedAt }) => stampedAt ?? [])
  return stamps.length === 0 ? undefined : Math.max(...stamps)
}

/** What their rules hold back themselves, and record themselves. */
const HELD_BY_RULES = new Set(['DeviceDown', 'DeviceFlapping'])

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
}
