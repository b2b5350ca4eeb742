import type { Labels } from '../lib/labels.ts'
import { type Vector, VictoriaMetricsError } from '../lib/victoriametrics.ts'
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
  const query = queryOnce(facts)
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

/**
 * What the texts of a rule's alerts ask: the same is asked once for all of them. Once VictoriaMetrics didn't answer, it
 * isn't asked any more: thousands of alerts would wait for it one after the other.
 */
function queryOnce(facts: Facts): TextContext['query'] {
  const asked = new Map<string, Promise<Vector>>()
  let away: VictoriaMetricsError | undefined
  const ask = async (expr: string): Promise<Vector> => {
    if (away !== undefined) throw away
    try {
      return (await facts.query(expr)).vector
    } catch (error) {
      if (error instanceof VictoriaMetricsError && error.reason !== 'rejected') away = error
      throw error
    }
  }
  return (expr) => {
    let answer = asked.get(expr)
    if (answer === undefined) asked.set(expr, (answer = ask(expr)))
    return answer
  }
}
