import { quoteLabelValue } from '../../lib/labels.ts'
import type { VictoriaMetrics } from '../../lib/victoriametrics.ts'
import { type RuleGroup, isAlertRule } from '../rule.ts'
import type { Period } from './summary.ts'

/**
 * Series that these rules would record and that others of them read, but that nobody recorded then: a replay writes
 * nothing, so whoever reads them sees nothing.
 */
export async function missingRecordings(
  groups: readonly RuleGroup[],
  victoriaMetrics: VictoriaMetrics,
  { from, to }: Period,
  signal: AbortSignal,
): Promise<string[]> {
  const rules = groups.filter(({ file }) => file !== '').flatMap((group) => group.rules)
  const expressions = rules.flatMap(({ expr }) => (typeof expr === 'string' ? expr : []))
  const names = new Set(rules.flatMap((rule) => (isAlertRule(rule) ? [] : rule.record)))
  const missing: string[] = []
  for (const name of names) {
    const isRead = new RegExp(`(?<![\\w:])${name.replace(/[^\w:]/g, '\\$&')}(?![\\w:])`)
    if (!expressions.some((expr) => isRead.test(expr))) continue
    const expr = `count(count_over_time({__name__=${quoteLabelValue(name)}}[${to - from}ms]))`
    const found = await victoriaMetrics.query(expr, { at: to, signal, timeoutMs: 120_000 })
    if (found.length === 0) missing.push(name)
  }
  return missing
}
