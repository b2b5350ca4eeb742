import { type Clock, isAbort } from '../lib/clock.ts'
import type { InventorySource } from '../lib/inventory.ts'
import type { Sample } from '../lib/line-protocol.ts'
import type { Logger } from '../lib/log.ts'
import type { SampleWriter } from '../lib/sample-writer.ts'
import { type VictoriaMetrics, VictoriaMetricsError } from '../lib/victoriametrics.ts'
import { alertSeries } from './alert-series.ts'
import { type StatusChange, createAvailabilityStep } from './availability/step.ts'
import type { Fleet } from './availability/watch.ts'
import { type AlertStates, type Facts, evaluateGroup } from './evaluate.ts'
import type { AlertingMetrics } from './meter.ts'
import type { Notifier } from './notify/notifier.ts'
import { LAST_EVALUATION, readLeft, restoreStates } from './restore.ts'
import type { RuleGroup } from './rule.ts'
import { type SeriesKeeper, createSeriesKeeper, createStamps } from './series.ts'

export type EngineDeps = {
  readonly groups: readonly RuleGroup[]
  /** The group that is evaluated over the availability watch's own reading, and at once on a hint. */
  readonly availabilityGroup: string
  /** How often series that don't change are written again. */
  readonly rewriteMs: number
  readonly inventory: InventorySource
  readonly victoriaMetrics: VictoriaMetrics
  readonly writer: SampleWriter
  readonly notifier: Notifier
  /** Told of statuses and alerts that changed, once they are written and searchable. */
  readonly announce: (changes: readonly StatusChange[]) => void
  /** Calls back when the collector saw a change. */
  readonly onHint: (listener: () => void) => void
  readonly meter: AlertingMetrics
  readonly clock: Clock
  readonly log: Logger
}

const RETRY_MS = 1_000
const STORED_WITHIN_MS = 2_000

/** Evaluates every rule group on its grid until the signal aborts. */
export async function runEngine(deps: EngineDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, meter, victoriaMetrics, writer, notifier } = deps
  const told = await notifier.restore().catch((error: Error) => {
    log.warn({ reason: error.message }, 'notification log not read yet: telling waits 10 s for it')
    return []
  })
  const known = new Set(deps.groups.map(({ name }) => name))
  for (const group of new Set(told.map(({ labels }) => labels['alertgroup'] ?? ''))) {
    if (!known.has(group)) notifier.update(group, []) // its rules are gone: what was told of them is over
  }
  const availability = createAvailabilityStep(deps)
  let fleet: Fleet | undefined
  const fleetKnown = Promise.withResolvers<void>()

  await Promise.all(deps.groups.map((group) => runGroup(group)))

  async function runGroup(group: RuleGroup): Promise<void> {
    const isAvailability = group.name === deps.availabilityGroup
    let hinted = new AbortController()
    if (isAvailability) deps.onHint(() => hinted.abort())
    try {
      const evaluate = await retrying(() => restoreGroup(group))
      if (!isAvailability) await until(fleetKnown.promise, signal)
      let failed = false
      for (let next = clock.now(); !signal.aborted;) {
        await clock.sleepUntil(next, AbortSignal.any([signal, hinted.signal])).catch(() => {})
        if (signal.aborted) return
        if (hinted.signal.aborted) hinted = new AbortController()
        try {
          await evaluate(isAvailability)
          if (failed) log.info({ group: group.name }, 'rule group is evaluated again')
          failed = false
        } catch (error) {
          if (isAbort(error, signal)) return
          if (!(error instanceof VictoriaMetricsError)) throw error
          if (!failed)
            log.warn({ group: group.name, reason: error.message }, 'rule group not evaluated')
          failed = true
        }
        next = nextTurn(group, next)
      }
    } catch (error) {
      if (!isAbort(error, signal)) throw error
    }
  }

  /** The next instant of the group's grid; turns that were overrun are counted and skipped. */
  function nextTurn(group: RuleGroup, last: number): number {
    const now = clock.now()
    const next = (Math.floor(now / group.intervalMs) + 1) * group.intervalMs
    const skipped = Math.floor((next - last) / group.intervalMs) - 1
    if (skipped > 0) meter.missed(group.name, skipped)
    return next
  }

  async function restoreGroup(
    group: RuleGroup,
  ): Promise<(isAvailability: boolean) => Promise<void>> {
    await victoriaMetrics.flush() // what the last process wrote just before its end
    const left = await readLeft(victoriaMetrics, group.name, clock.now(), signal)
    const owed = told.filter(({ labels }) => labels['alertgroup'] === group.name)
    const states = restoreStates(left.alerts, owed)
    const keeper = createSeriesKeeper(deps.rewriteMs)
    const stamps = createStamps()
    keeper.adopt(left.series)
    const names = new Set(group.rules.map((rule) => ('alert' in rule ? rule.alert : '')))
    // Alerts of a rule that is gone are over (C5): nobody evaluates them any more.
    for (const rule of states.keys()) if (!names.has(rule)) states.delete(rule)
    return (isAvailability) => evaluateOnce(group, states, keeper, stamps, isAvailability)
  }

  async function evaluateOnce(
    group: RuleGroup,
    states: AlertStates,
    keeper: SeriesKeeper,
    stamps: (at: number) => number,
    isAvailability: boolean,
  ): Promise<void> {
    const startedAt = clock.now()
    const at = startedAt
    const stampedAt = stamps(at)
    const step = isAvailability ? await availability.read(at, stampedAt, signal) : null
    if (step !== null) {
      fleet = step.fleet
      fleetKnown.resolve()
    }
    if (fleet === undefined) return
    const facts: Facts = {
      at,
      signal,
      fleet,
      query: (expr) => victoriaMetrics.query(expr, { at, signal }),
    }
    const { alerts, recorded, errors } = await evaluateGroup(group, states, facts)
    for (const { rule, error } of errors) {
      meter.ruleFailed(group.name, rule)
      log.warn({ group: group.name, rule, reason: error.message }, 'rule failed')
    }
    notifier.update(group.name, alerts)

    const { samples, ended, changed } = keeper.update(
      [...alertSeries(alerts), ...recorded],
      stampedAt,
    )
    writer.end(ended)
    writer.write([...samples, lastEvaluation(group.name, stampedAt)])
    if (changed || (step?.changes.length ?? 0) > 0) announceOnceStored(step?.changes ?? [])
    meter.alerts(group.name, {
      pending: alerts.filter(({ state }) => state === 'pending').length,
      firing: alerts.filter(({ state }) => state === 'firing').length,
    })
    meter.evaluated(group.name, (clock.now() - startedAt) / 1000, at)
  }

  /** Whoever is told can read it: new series are searchable at once only after a flush. */
  function announceOnceStored(changes: readonly StatusChange[]): void {
    void writer
      .flushed(STORED_WITHIN_MS)
      .then((stored) => (stored ? victoriaMetrics.flush() : false))
      .then(() => deps.announce(changes))
      .catch((error: Error) => log.debug({ reason: error.message }, 'changes not announced'))
  }

  /** At the start VictoriaMetrics may not be there yet: nothing may be decided before the kept states are read. */
  async function retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let told = false; ;) {
      try {
        return await work()
      } catch (error) {
        if (signal.aborted || !(error instanceof VictoriaMetricsError)) throw error
        if (!told) log.warn({ reason: error.message }, 'state of the last run not read yet')
        told = true
        await clock.sleepUntil(clock.now() + RETRY_MS, signal)
      }
    }
  }
}

const lastEvaluation = (group: string, at: number): Sample => ({
  measurement: '',
  labels: { group },
  fields: { [LAST_EVALUATION]: at / 1000 },
  at,
})

/** Waits for a promise, or for the signal's abort. */
async function until(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    signal.throwIfAborted()
    await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
