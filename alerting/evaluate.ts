import type { Inventory } from '../lib/inventory.ts'
import { type Labels, labelsKey } from '../lib/labels.ts'
import type { Vector } from '../lib/victoriametrics.ts'
import { type Alert, type AlertInput, advanceAlert, alertLabels, sameSecond } from './alert.ts'
import type { Fleet } from './availability/watch.ts'
import {
  type AlertRule,
  type Result,
  type Rule,
  type RuleGroup,
  isAlertRule,
  ruleName,
} from './rule.ts'
import type { LiveSeries } from './series.ts'

/** Where an evaluation takes its facts from. */
export type Facts = {
  readonly at: number
  readonly signal: AbortSignal
  readonly fleet: Fleet
  query(expr: string): Promise<Vector>
}

export type RuleError = { readonly rule: string; readonly error: Error }

export type Evaluation = {
  /** Pending, firing and recently resolved alerts of all rules of the group. */
  readonly alerts: readonly Alert[]
  readonly recorded: readonly LiveSeries[]
  readonly errors: readonly RuleError[]
}

/** The state of a group's alerts between evaluations: by rule, by alert key. */
export type AlertStates = Map<string, Map<string, Alert>>

/**
 * Evaluates the rules of a group in order and moves `states` on. A rule that fails reports it and keeps its alerts as
 * they were; the others go on (C8).
 */
export async function evaluateGroup(
  group: RuleGroup,
  states: AlertStates,
  facts: Facts,
): Promise<Evaluation> {
  const errors: RuleError[] = []
  const recorded: LiveSeries[] = []
  for (const rule of group.rules) {
    const name = ruleName(rule)
    const before = states.get(name) ?? new Map<string, Alert>()
    try {
      const results = await run(rule, before, facts)
      if (isAlertRule(rule)) {
        const { alerts, duplicates } = advanceRule(rule, group.name, before, results, facts)
        states.set(name, alerts)
        if (duplicates.length > 0) errors.push({ rule: name, error: duplicateError(duplicates) })
      } else {
        recorded.push(
          ...results.map(({ labels, value }) => ({
            name: rule.record,
            labels: { ...withoutName(labels), ...rule.labels },
            value,
          })),
        )
      }
    } catch (error) {
      if (facts.signal.aborted) throw error
      errors.push({ rule: name, error: error as Error })
    }
  }
  return {
    alerts: [...states.values()].flatMap((alerts) => [...alerts.values()]),
    recorded,
    errors,
  }
}

function run(
  rule: Rule,
  before: ReadonlyMap<string, Alert>,
  facts: Facts,
): Promise<readonly Result[]> {
  if (typeof rule.expr === 'string') return facts.query(rule.expr)
  const firing = new Set<string>()
  for (const alert of before.values()) {
    if (alert.state === 'firing') firing.add(alert.labels['device'] ?? '')
  }
  return Promise.resolve(rule.expr({ ...facts, query: facts.query, firing }))
}

function advanceRule(
  rule: AlertRule,
  group: string,
  before: ReadonlyMap<string, Alert>,
  results: readonly Result[],
  facts: Facts,
): { alerts: Map<string, Alert>; duplicates: Labels[] } {
  const inputs = new Map<string, AlertInput>()
  const duplicates: Labels[] = []
  for (const result of results) {
    const labels = toldLabels(before, result, rule, group)
    const key = labelsKey(labels)
    if (inputs.has(key)) duplicates.push(labels)
    else {
      inputs.set(key, {
        labels,
        value: result.value,
        ...(result.since === undefined ? {} : { since: result.since }),
        annotate: (activeAt) =>
          annotate(rule, labels, result.value, activeAt, facts.at, facts.fleet.inventory),
      })
    }
  }
  const alerts = new Map<string, Alert>()
  for (const key of new Set([...before.keys(), ...inputs.keys()])) {
    const alert = advanceAlert(before.get(key), inputs.get(key), rule, facts.at)
    if (alert !== undefined) alerts.set(key, alert)
  }
  return { alerts, duplicates }
}

/**
 * The alert's labels. A condition that knows since when it holds keeps those it was told with: a device that moves to
 * another branch during its outage is still the same outage (F4).
 */
function toldLabels(
  before: ReadonlyMap<string, Alert>,
  result: Result,
  rule: AlertRule,
  group: string,
): Labels {
  const labels = alertLabels(result, rule, group)
  if (result.since === undefined || before.has(labelsKey(labels))) return labels
  for (const alert of before.values()) {
    const isSame = alert.state === 'firing' && alert.labels['device'] === labels['device']
    if (isSame && sameSecond(alert.activeAt, result.since)) return alert.labels
  }
  return labels
}

function annotate(
  rule: AlertRule,
  labels: Labels,
  value: number,
  activeAt: number,
  at: number,
  inventory: Inventory,
): Record<string, string> {
  const context = { labels, value, activeAt, at, device: inventory.get(labels['device'] ?? '') }
  const texts: Record<string, string> = {}
  for (const [name, text] of Object.entries(rule.annotations)) {
    try {
      texts[name] = text(context)
    } catch (error) {
      texts[name] = `annotation failed: ${(error as Error).message}`
    }
  }
  return texts
}

const duplicateError = (labels: readonly Labels[]): Error =>
  new Error(
    `${labels.length} results have the labels of another one and were left out: ${JSON.stringify(labels[0])}`,
  )

function withoutName(labels: Labels): Labels {
  const { __name__: _, ...rest } = labels
  return rest
}
