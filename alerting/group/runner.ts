import { isAbort } from '../../lib/clock.ts'
import type { AvailabilityStep, StatusChange } from '../availability/step.ts'
import type { Fleet } from '../availability/fleet.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from '../../lib/victoriametrics.ts'
import type { Bell } from './bell.ts'
import { type EvaluationDeps, evaluateOnce, showFailure } from './evaluation.ts'
import type { FleetReading } from './fleet-reading.ts'
import type { SharedFlush } from './flush.ts'
import { takeTurns } from './loop.ts'
import type { GroupMemory } from './memory.ts'
import { until } from './until.ts'

export type Runner = {
  readonly memory: GroupMemory
  /** Resolves once it was stopped; rejects when it can't go on. */
  readonly running: Promise<void>
  stop(): Promise<void>
}

/** What all groups share. */
export type RunnerDeps = EvaluationDeps & {
  /** What groups of files ask, where that isn't the one of the others. */
  readonly ruleQueries?: VictoriaMetrics
  readonly availabilityGroup: string
  readonly availability: AvailabilityStep
  readonly fleet: FleetReading
  readonly bell: Bell
  readonly flush: SharedFlush
  /** A series of an alert, or a status, has changed. */
  readonly changed: (changes: readonly StatusChange[]) => void
  /** Before the availability group, or any other one, is evaluated over a new reading. */
  readonly availabilityRead: (fleet: Fleet, at: number) => void
  /** After each evaluation of the availability group. */
  readonly availabilityEvaluated: (stampedAt: number) => void
}

/** Evaluates one group on its grid until it is stopped or the signal aborts. */
export function startRunner(memory: GroupMemory, deps: RunnerDeps, outer: AbortSignal): Runner {
  const stopping = new AbortController()
  const signal = AbortSignal.any([outer, stopping.signal])
  const isOfFile = memory.group.file !== ''
  const { victoriaMetrics, ruleQueries = victoriaMetrics } = deps
  const asking = isOfFile ? { ...deps, victoriaMetrics: ruleQueries } : deps
  const isAvailability = memory.group.name === deps.availabilityGroup && !isOfFile

  async function run(): Promise<void> {
    try {
      if (!isAvailability) await until(deps.fleet.known, signal)
      await takeTurns(
        memory,
        isAvailability ? evaluateAvailability : evaluate,
        { ...deps, bell: isAvailability ? deps.bell : undefined },
        signal,
      )
    } catch (error) {
      if (!isAbort(error, signal)) throw error
    }
  }

  async function evaluateAvailability(at: number): Promise<void> {
    const startedAt = deps.clock.now()
    const stampedAt = memory.stamps(at)
    // A VictoriaMetrics that stands still mustn't hold up the end: a flush takes no signal.
    const reading = deps.availability.read(at, stampedAt, signal)
    const { fleet, changes } = await until(reading, signal)
    deps.availabilityRead(fleet, at)
    deps.fleet.put(fleet)
    const changed = await evaluateOnce(memory, { at, stampedAt, startedAt, fleet }, deps, signal)
    deps.availabilityEvaluated(stampedAt)
    if (changed || changes.length > 0) deps.changed(changes)
  }

  /** Makes what is stored searchable; a VictoriaMetrics that is away shows at each rule. */
  async function flush(at: number, startedAt: number): Promise<void> {
    try {
      await until(deps.flush(at), signal)
    } catch (error) {
      if (error instanceof VictoriaMetricsError)
        showFailure(memory, error, { at, startedAt }, deps.meter)
      throw error
    }
  }

  async function evaluate(at: number): Promise<void> {
    const startedAt = deps.clock.now()
    const { current: fleet } = deps.fleet
    if (fleet === undefined) return
    // Those that wardline brings come right after the availability group, which has flushed.
    if (isOfFile) await flush(at, startedAt)
    const stampedAt = memory.stamps(at)
    const instant = { at, stampedAt, startedAt, fleet }
    // A function of a rule may wait for something that never comes: it mustn't hold up a reload or the end.
    if (await until(evaluateOnce(memory, instant, asking, signal), signal)) deps.changed([])
  }

  const running = run()
  return {
    memory,
    running,
    async stop() {
      stopping.abort(new Error(`rule group ${memory.group.name} stops`))
      await running
    },
  }
}
