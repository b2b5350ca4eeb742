import { isCanary } from '../../lib/canary.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Labels } from '../../lib/labels.ts'
import type { Sample } from '../../lib/line-protocol.ts'
import type { Logger } from '../../lib/log.ts'
import type { SampleWriter } from '../../lib/sample-writer.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import type { Alert } from '../alert.ts'
import { alertSeries } from '../alert-series.ts'
import type { Fleet } from '../availability/fleet.ts'
import {
  type Evaluation,
  type Facts,
  type RuleOutcome,
  evaluateGroup,
  failedOutcome,
} from '../evaluate.ts'
import type { AlertingMetrics } from '../meter.ts'
import { LAST_EVALUATION, stampLabels } from '../restore.ts'
import { type RuleGroup, expressionText, ruleName } from '../rule.ts'
import type { Claims } from './claims.ts'
import type { GroupMemory } from './memory.ts'
import { statusAfter, unknownStatus } from './status.ts'

export type EvaluationDeps = {
  readonly victoriaMetrics: VictoriaMetrics
  readonly writer: SampleWriter
  readonly notifier: { update(groupId: string, alerts: readonly Alert[]): void }
  readonly claims: Claims
  readonly externalLabels?: Labels
  readonly externalUrl?: string
  readonly meter: AlertingMetrics
  readonly clock: Clock
  readonly log: Logger
}

/** What an evaluation is of: the instant, and the stamp on what it writes. */
export type Instant = {
  readonly at: number
  readonly stampedAt: number
  /** When it was begun. */
  readonly startedAt: number
  readonly fleet: Fleet
}

/**
 * Evaluates a group once: hands its alerts to the notifier, writes its series, and keeps what is to be shown. True when a
 * series began, ended or has another value.
 */
export async function evaluateOnce(
  memory: GroupMemory,
  { at, stampedAt, startedAt, fleet }: Instant,
  deps: EvaluationDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const { group, id } = memory
  const { clock, meter, writer } = deps
  const evaluation = await evaluateGroup(group, memory.states, {
    at,
    signal,
    fleet,
    query: queryAt(group, at, deps.victoriaMetrics, signal),
    externalLabels: deps.externalLabels ?? {},
    externalUrl: deps.externalUrl ?? '',
    now: () => performance.now(),
  })
  for (const outcome of evaluation.rules) report(memory, outcome, startedAt, at, deps)
  const alerts = deps.claims.own(group.name, id, evaluation.alerts)
  deps.notifier.update(id, alerts)

  const changed = writeSeries(memory, evaluation, alerts, stampedAt, writer)
  memory.stampedAt = stampedAt
  memory.lastEvaluationAt = startedAt
  memory.evaluationSeconds = (clock.now() - startedAt) / 1000
  meter.alerts(group, {
    pending: countOf('pending', alerts),
    firing: countOf('firing', alerts),
  })
  meter.evaluated(group, memory.evaluationSeconds, startedAt)
  return changed
}

/** The canary is none of those that people are told of. */
const countOf = (wanted: Alert['state'], alerts: readonly Alert[]): number =>
  alerts.filter(({ state, labels }) => state === wanted && !isCanary(labels)).length

/** Shows at each rule of a group why it could not be evaluated. Nothing is known, so nothing changes. */
export function showFailure(
  { group, rules }: GroupMemory,
  error: Error,
  { at, startedAt }: Pick<Instant, 'at' | 'startedAt'>,
  meter: AlertingMetrics,
): void {
  for (const [id, status] of rules) {
    const outcome = failedOutcome(status.rule, id, status.alerts, error)
    rules.set(id, statusAfter(status, outcome, startedAt, at))
    meter.ruleEvaluated(group, outcome)
  }
}

function queryAt(
  { params, headers }: RuleGroup,
  at: number,
  victoriaMetrics: VictoriaMetrics,
  signal: AbortSignal,
): Facts['query'] {
  const given = {
    ...(params === undefined ? {} : { params }),
    ...(headers === undefined ? {} : { headers }),
  }
  return (expr) => victoriaMetrics.ask(expr, { at, signal, ...given })
}

function writeSeries(
  { group, keeper, recordKeepers }: GroupMemory,
  { rules }: Evaluation,
  alerts: readonly Alert[],
  stampedAt: number,
  writer: SampleWriter,
): boolean {
  const writes = [keeper.update(alertSeries(alerts), stampedAt)]
  for (const { id, recorded } of rules) {
    // A rule that failed says nothing about its series: they neither end nor go on.
    const recordKeeper = recordKeepers.get(id)
    if (recorded !== null && recordKeeper !== undefined)
      writes.push(recordKeeper.update(recorded, stampedAt))
  }
  for (const { ended } of writes) writer.end(ended)
  for (const { samples } of writes) writer.write(samples)
  writer.write([lastEvaluation(group, stampedAt)])
  return writes.some(({ changed }) => changed)
}

/** Keeps and tells what became of a rule; of what it said before already, only the counters tell. */
function report(
  memory: GroupMemory,
  outcome: RuleOutcome,
  evaluatedAt: number,
  at: number,
  { log, meter }: EvaluationDeps,
): void {
  const { group } = memory
  const { rule, id, error, samples, skipped, seconds } = outcome
  const before = memory.rules.get(id) ?? unknownStatus(group, rule, id, [])
  const status = statusAfter(before, outcome, evaluatedAt, at)
  memory.rules.set(id, status)
  meter.ruleEvaluated(group, outcome)
  const what = { group: group.name, ...(group.file === '' ? {} : { file: group.file }) }
  const named = { ...what, rule: ruleName(rule) }
  if (error !== null && status.lastError !== before.lastError) {
    const message = outcome.failed ? 'rule failed' : 'rule has results with flaws'
    log.warn({ ...named, reason: error.message }, message)
  } else if (error === null && before.health === 'err') log.info(named, 'rule works again')
  if (rule.debug ?? group.debug ?? false) {
    const states = Object.groupBy(outcome.alerts, ({ state }) => state)
    const alerts = Object.fromEntries(
      Object.entries(states).map(([state, list]) => [state, list.length]),
    )
    const expr = expressionText(rule.expr)
    const instant = new Date(at).toISOString()
    log.info({ ...named, expr, at: instant, samples, skipped, seconds, alerts }, 'rule evaluated')
  }
}

const lastEvaluation = (group: RuleGroup, at: number): Sample => ({
  measurement: '',
  labels: stampLabels(group),
  fields: { [LAST_EVALUATION]: at / 1000 },
  at,
})
