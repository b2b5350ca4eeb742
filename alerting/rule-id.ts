import { createFnv } from '../lib/fnv.ts'
import type { Labels } from '../lib/labels.ts'
import { type Rule, type RuleGroup, type Text, expressionText, isAlertRule } from './rule.ts'

/** Identities as vmalert computes them: FNV-1a (64 bit), printed as decimal numbers. */

export function groupId({ file, name, intervalMs, evalOffsetMs }: RuleGroup): string {
  const hash = createFnv().text(file).separate().text(name).text('prometheus')
  hash.text(goDuration(intervalMs))
  if (evalOffsetMs !== undefined) hash.text(goDuration(evalOffsetMs))
  return hash.decimal()
}

/** By expression, name and labels: rules of one name may stand beside one another, and the same rule may stand in several groups. */
export function ruleId(_group: RuleGroup, rule: Rule): string {
  const hash = createFnv().text(expressionText(rule.expr))
  if (isAlertRule(rule)) hash.text('alerting').text(rule.alert)
  else hash.text('recording').text(rule.record)
  const labels: Record<string, string | Text> = { ...rule.labels }
  if (isAlertRule(rule) && rule.severity !== undefined) labels['severity'] = rule.severity
  for (const name of Object.keys(labels).sort()) {
    const label = labels[name] ?? ''
    hash
      .text(name)
      .text(typeof label === 'string' ? label : (label.source ?? ''))
      .separate()
  }
  return hash.decimal()
}

/** All labels but the metric's name. */
export function alertId(labels: Labels): string {
  const hash = createFnv()
  for (const name of Object.keys(labels).sort()) {
    if (name === '__name__') continue
    hash
      .text(name)
      .text(labels[name] ?? '')
      .separate()
  }
  return hash.decimal()
}

/** As Go prints a duration: `1h0m0s`, `1m30s`, `15s`, `1.5s`, `500ms`. */
function goDuration(ms: number): string {
  const sign = ms < 0 ? '-' : ''
  const size = Math.abs(ms)
  if (size === 0) return '0s'
  if (size < 1_000) return `${sign}${size}ms`
  const hours = Math.floor(size / 3_600_000)
  const minutes = Math.floor(size / 60_000) % 60
  const seconds = (size % 60_000) / 1_000
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : ''
  return `${sign}${head}${seconds}s`
}
