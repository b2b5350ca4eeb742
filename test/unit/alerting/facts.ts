import type { Facts } from '../../../alerting/evaluate.ts'
import { silentFleet } from '../../../alerting/availability/fleet.ts'
import type { AlertRule, Result, Rule, RuleGroup } from '../../../alerting/rule.ts'
import type { Answer } from '../../../lib/victoriametrics.ts'
import { device, inventoryOf } from '../../fakes/inventory.ts'

export const fleet = silentFleet(inventoryOf(device('a', { name: 'Core' })).current)

export const answerOf = (...vector: readonly Result[]): Answer => ({
  vector,
  isPartial: false,
  seriesFetched: null,
})

export const factsAt = (
  at: number,
  query: Facts['query'] = async () => answerOf(),
  more: Partial<Facts> = {},
): Facts => ({ at, signal: new AbortController().signal, fleet, query, ...more })

export const point = (labels: Record<string, string>, value = 1): Result => ({
  labels,
  value,
  at: 0,
})

export const groupOf = (rules: readonly Rule[], more: Partial<RuleGroup> = {}): RuleGroup => ({
  name: 'g',
  file: 'g.yml',
  intervalMs: 15_000,
  rules,
  ...more,
})

export const rule = (
  alert: string,
  expr: AlertRule['expr'],
  more: Partial<AlertRule> = {},
): AlertRule => ({ alert, severity: 'warning', annotations: {}, expr, ...more })

export const gives =
  (...results: readonly Result[]) =>
  () =>
    results

/** Answers each expression with these; others with nothing. */
export const answering =
  (answers: Readonly<Record<string, readonly Result[]>>): Facts['query'] =>
  async (expr) =>
    answerOf(...(answers[expr] ?? []))
