import type { Labels } from '../../lib/labels.ts'
import { type AlertRule, type RuleGroup, type Text, isAlertRule } from '../rule.ts'
import type { RuleTest } from './rule-test.ts'

/** The group with the external labels of a test: labels of all it makes to vmalert, to Prometheus known to texts alone. */
export function withExternals(
  group: RuleGroup,
  { style, externalLabels }: Pick<RuleTest, 'style' | 'externalLabels'>,
): RuleGroup {
  if (Object.keys(externalLabels).length === 0) return group
  if (style === 'vmalert') return { ...group, labels: { ...externalLabels, ...group.labels } }
  const rules = group.rules.map((rule) =>
    isAlertRule(rule) ? knowing(externalLabels, rule) : rule,
  )
  return { ...group, rules }
}

function knowing(externalLabels: Labels, rule: AlertRule): AlertRule {
  const told = (text: Text): Text => {
    const render: Text = (context) => text({ ...context, externalLabels })
    return text.source === undefined ? render : Object.assign(render, { source: text.source })
  }
  const annotations = Object.fromEntries(
    Object.entries(rule.annotations).map(([name, text]) => [name, told(text)]),
  )
  const labels = Object.entries(rule.labels ?? {}).map(([name, text]): [string, string | Text] => [
    name,
    typeof text === 'string' ? text : told(text),
  ])
  return { ...rule, annotations, labels: Object.fromEntries(labels) }
}
