import { Registry } from '../../lib/metrics.ts'
import type { Inventory } from '../../lib/inventory.ts'
import type { Logger } from '../../lib/log.ts'
import { VictoriaMetricsError } from '../../lib/victoriametrics.ts'
import type { Alert } from '../alert.ts'
import { silentFleet } from '../availability/fleet.ts'
import { createClaims } from '../group/claims.ts'
import { type EvaluationDeps, evaluateOnce } from '../group/evaluation.ts'
import { type GroupMemory, alertsIn, createMemory } from '../group/memory.ts'
import { createAlertingMetrics } from '../meter.ts'
import { reasonOf } from '../rule-files/validate-expressions.ts'
import { isAlertRule, ruleName } from '../rule.ts'
import { type Difference, compareAlerts, compareSamples } from './compare.ts'
import { withExternals } from './external-labels.ts'
import { type AlertCase, type Place, type QueryCase, type RuleTest, lastAtMs } from './rule-test.ts'
import { type TestStore, startTestStore } from './store.ts'

export type TestResult = {
  readonly test: RuleTest
  readonly failures: readonly Failure[]
  /** Cases that can't fail, because they speak of no rule. */
  readonly notices: readonly Notice[]
  readonly evaluations: number
  readonly seconds: number
}

/** `what` says which case it is of; with a difference, or the reason. */
export type Failure = {
  readonly place: Place
  readonly what: string
  readonly atMs: number
  readonly difference: Difference | null
  readonly reason: string
}

export type Notice = { readonly place: Place; readonly message: string }

/**
 * Runs a test on a VictoriaMetrics of its own, with the evaluation that alerting runs on: all groups in their order at
 * each turn of the evaluation interval. Rejects only where VictoriaMetrics can't be had.
 */
export async function runTest(
  test: RuleTest,
  log: Logger,
  signal: AbortSignal,
): Promise<TestResult> {
  const startedAt = performance.now()
  await using store = await startTestStore(test, log, signal)
  const failures: Failure[] = []
  const memories = test.groups
    .filter(({ rules }) => rules.length > 0)
    .map((group) => createMemory(withExternals(group, test), new Map(), 1))
  const deps = depsOf(test, store, log)
  const waiting = test.alerts.toSorted((one, other) => one.atMs - other.atMs)
  const told = new Set<string>()
  const lastAt = lastAtMs(test)
  let evaluations = 0
  for (let atMs = 0; atMs <= lastAt; atMs += test.evaluationIntervalMs) {
    const at = test.startAt + atMs
    for (const memory of memories) {
      const instant = { at, stampedAt: at, startedAt: at, fleet: NO_FLEET }
      await evaluateOnce(
        memory,
        instant,
        { ...deps, clock: { ...deps.clock, now: () => at } },
        signal,
      )
      await store.stored()
      failures.push(...ruleFailures(memory, atMs, test, told))
    }
    evaluations++
    const alerts = memories.flatMap(({ states }) => alertsIn(states))
    for (
      let next = waiting[0];
      next !== undefined && next.atMs < atMs + test.evaluationIntervalMs;
      next = waiting[0]
    ) {
      waiting.shift()
      failures.push(...checkAlerts(next, alerts))
    }
  }
  for (const query of test.queries) failures.push(...(await checkQuery(query, test, store, signal)))
  return {
    test,
    failures,
    notices: idleCases(test),
    evaluations,
    seconds: (performance.now() - startedAt) / 1000,
  }
}

const EMPTY: Inventory = new Map()

/** Tests have samples of their own and no devices. */
const NO_FLEET = silentFleet(EMPTY)

function depsOf(
  { style, externalLabels, externalUrl, startAt }: RuleTest,
  { victoriaMetrics, writer }: TestStore,
  log: Logger,
): EvaluationDeps {
  return {
    victoriaMetrics,
    writer,
    notifier: { update() {} },
    claims: createClaims(),
    externalLabels: style === 'prometheus' ? {} : externalLabels,
    externalUrl,
    meter: createAlertingMetrics(new Registry()),
    clock: { now: () => startAt, sleepUntil: () => Promise.resolve() },
    log,
  }
}

/** Rules that couldn't be evaluated, or only in part: of each the first time. */
function ruleFailures(
  { group, rules }: GroupMemory,
  atMs: number,
  { place }: RuleTest,
  told: Set<string>,
): Failure[] {
  const failures: Failure[] = []
  for (const { rule, lastError } of rules.values()) {
    const what = `rule ${ruleName(rule)} of group ${group.name}`
    if (lastError === '' || told.has(what)) continue
    told.add(what)
    failures.push({ place, what, atMs, difference: null, reason: reasonOf(lastError) })
  }
  return failures
}

function checkAlerts(one: AlertCase, alerts: readonly Alert[]): Failure[] {
  const difference = compareAlerts(one, alerts)
  if (difference === null) return []
  const of = one.group === null ? '' : ` of group ${one.group}`
  const what = `alert ${one.alert}${of}`
  return [{ place: one.place, what, atMs: one.atMs, difference, reason: '' }]
}

async function checkQuery(
  query: QueryCase,
  { startAt, isFuzzy }: RuleTest,
  { victoriaMetrics }: TestStore,
  signal: AbortSignal,
): Promise<Failure[]> {
  const { place, atMs, expr } = query
  try {
    const vector = await victoriaMetrics.query(expr, { at: startAt + atMs, signal })
    const difference = compareSamples(query, vector, isFuzzy)
    return difference === null ? [] : [{ place, what: expr, atMs, difference, reason: '' }]
  } catch (error) {
    if (!(error instanceof VictoriaMetricsError) || error.retryable) throw error
    return [{ place, what: expr, atMs, difference: null, reason: reasonOf(error.message) }]
  }
}

function idleCases({ groups, alerts }: RuleTest): Notice[] {
  return alerts.flatMap(({ place, alert, group, expected }) => {
    const asked = groups.filter(({ name }) => group === null || name === group)
    const isKnown = asked.some(({ rules }) =>
      rules.some((rule) => isAlertRule(rule) && rule.alert === alert),
    )
    if (isKnown || expected.length > 0) return []
    const of = group === null ? '' : ` in group ${JSON.stringify(group)}`
    const message = `there is no alert ${JSON.stringify(alert)}${of}: this can't fail`
    return [{ place, message }]
  })
}
