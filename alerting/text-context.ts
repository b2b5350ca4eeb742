import type { Labels } from '../lib/labels.ts'
import type { Facts } from './evaluate.ts'
import { type AlertRule, type TextContext, expressionText } from './rule.ts'
import { alertId } from './rule-id.ts'

/** What the texts of one rule's alerts may speak of, alert by alert. */
export function textContexts(
  rule: AlertRule,
  groupId: string,
  isPartial: boolean,
  facts: Facts,
): (
  labels: Labels,
  value: number,
  activeAt: number,
  /** The alert's own labels. */
  identity: Labels,
) => TextContext {
  const { at, fleet, externalLabels = {}, externalUrl = '' } = facts
  const expr = expressionText(rule.expr)
  const forMs = rule.forMs ?? 0
  const query = async (asked: string): ReturnType<TextContext['query']> =>
    (await facts.query(asked)).vector
  return (labels, value, activeAt, identity) => ({
    labels,
    value,
    activeAt,
    at,
    device: fleet.inventory.get(labels['device'] ?? ''),
    forMs,
    expr,
    query,
    get alertId() {
      return alertId(identity)
    },
    groupId,
    externalLabels,
    externalUrl,
    isPartial,
  })
}
