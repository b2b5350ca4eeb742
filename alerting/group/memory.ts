import type { Alert } from '../alert.ts'
import type { AlertStates } from '../evaluate.ts'
import { type Rule, type RuleGroup, isAlertRule } from '../rule.ts'
import { groupId, ruleId } from '../rule-id.ts'
import { type SeriesKeeper, createSeriesKeeper, createStamps } from '../series.ts'
import { type GroupStatus, type RuleStatus, unknownStatus } from './status.ts'

/** What a group keeps from one evaluation to the next. */
export type GroupMemory = {
  readonly group: RuleGroup
  readonly id: string
  readonly states: AlertStates
  /** Its alerts' series. */
  readonly keeper: SeriesKeeper
  /** Each recording rule's series, by rule id. */
  readonly recordKeepers: ReadonlyMap<string, SeriesKeeper>
  readonly stamps: (at: number) => number
  /** By rule id, in the group's order. */
  readonly rules: Map<string, RuleStatus>
  /** The stamp of what was written last. */
  stampedAt: number | undefined
  lastEvaluationAt: number | null
  evaluationSeconds: number
}

/** The memory of a group that begins. `before` is that of the same group before its rules were changed. */
export function createMemory(
  group: RuleGroup,
  states: AlertStates,
  rewriteMs: number,
  before?: GroupMemory,
): GroupMemory {
  // What people expect of their files, as vmalert does it: a sample for each evaluation.
  const everyMs = group.file === '' ? rewriteMs : 1
  const rules = new Map<string, RuleStatus>()
  const recordKeepers = new Map<string, SeriesKeeper>()
  for (const rule of group.rules) {
    const id = ruleId(group, rule)
    rules.set(id, goingOn(group, rule, id, states, before?.rules.get(id)))
    if (!isAlertRule(rule))
      recordKeepers.set(id, before?.recordKeepers.get(id) ?? createSeriesKeeper(everyMs))
  }
  return {
    group,
    id: groupId(group),
    states,
    keeper: createSeriesKeeper(everyMs),
    recordKeepers,
    stamps: before?.stamps ?? createStamps(),
    rules,
    stampedAt: before?.stampedAt,
    lastEvaluationAt: before?.lastEvaluationAt ?? null,
    evaluationSeconds: before?.evaluationSeconds ?? 0,
  }
}

function goingOn(
  group: RuleGroup,
  rule: Rule,
  id: string,
  states: AlertStates,
  before: RuleStatus | undefined,
): RuleStatus {
  const alerts = [...(states.get(id)?.values() ?? [])]
  const fresh = unknownStatus(group, rule, id, alerts)
  if (before === undefined) return fresh
  const { mostUpdates } = fresh
  return { ...before, rule, alerts, mostUpdates, updates: before.updates.slice(0, mostUpdates) }
}

export const alertsIn = (states: AlertStates): Alert[] =>
  [...states.values()].flatMap((alerts) => [...alerts.values()])

/** The keepers of a group's recorded series, by name. */
export function recordsOf(memory: GroupMemory | undefined): Map<string, SeriesKeeper> {
  const keepers = new Map<string, SeriesKeeper>()
  if (memory === undefined) return keepers
  const { group, recordKeepers } = memory
  for (const rule of group.rules) {
    const keeper = recordKeepers.get(ruleId(group, rule))
    if (!isAlertRule(rule) && keeper !== undefined) keepers.set(rule.record, keeper)
  }
  return keepers
}

export const statusOf = (memory: GroupMemory): GroupStatus => ({
  group: memory.group,
  id: memory.id,
  lastEvaluationAt: memory.lastEvaluationAt,
  evaluationSeconds: memory.evaluationSeconds,
  rules: [...memory.rules.values()],
})
