import type { Alert } from '../../../../alerting/alert.ts'
import type { GroupStatus, RuleStatus } from '../../../../alerting/group/status.ts'
import { type Rule, type RuleGroup, isAlertRule } from '../../../../alerting/rule.ts'
import { groupId, ruleId } from '../../../../alerting/rule-id.ts'
import { labelsKey } from '../../../../lib/labels.ts'

/** The evaluation instant of these statuses. */
export const AT = Date.UTC(2026, 10, 22, 12, 0, 0, 250)

/** A group whose rules were evaluated at AT without any alert; `with` says what else is known of a rule, by its place. */
export function groupStatus(
  group: RuleGroup,
  told: Readonly<Record<number, Partial<RuleStatus>>> = {},
): GroupStatus {
  return {
    group,
    id: groupId(group),
    lastEvaluationAt: AT,
    evaluationSeconds: 0.5,
    rules: group.rules.map((rule, index) => ({
      rule,
      id: ruleId(group, rule),
      health: 'ok',
      lastError: '',
      lastEvaluationAt: AT,
      evaluationSeconds: 0.25,
      samples: 0,
      seriesFetched: null,
      alerts: [],
      updates: [],
      mostUpdates: 20,
      ...told[index],
    })),
  }
}

export function alertOf(group: RuleGroup, rule: Rule, given: Partial<Alert> = {}): Alert {
  const name = isAlertRule(rule) ? rule.alert : ''
  const labels = { alertname: name, alertgroup: group.name, device: 'r1' }
  return {
    key: labelsKey(labels),
    groupId: groupId(group),
    ruleId: ruleId(group, rule),
    labels,
    annotations: { summary: 'r1 is down' },
    value: 0,
    revision: '',
    state: 'firing',
    activeAt: AT - 60_000,
    startsAt: AT - 60_000,
    resolvedAt: 0,
    keepFiringSince: null,
    ...given,
  }
}
