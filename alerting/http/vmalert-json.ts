import { isCanary } from '../../lib/canary.ts'
import type { Alert } from '../alert.ts'
import { addedLabels } from '../rule-labels.ts'
import {
  type Rule,
  type RuleGroup,
  type Text,
  expressionText,
  isAlertRule,
  ruleName,
} from '../rule.ts'
import { alertId } from '../rule-id.ts'
import { formatFloat } from '../template/float.ts'
import type { GroupStatus, RuleStatus } from '../group/status.ts'

/** vmalert's JSON. What Go leaves out when it is empty is left out here too. */

export type AlertJson = {
  readonly state: 'pending' | 'firing'
  readonly name: string
  readonly value: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly activeAt: string
  readonly id: string
  readonly rule_id: string
  readonly group_id: string
  readonly expression: string
  readonly source: string
  readonly restored: boolean
  readonly stabilizing: boolean
}

/** `ok`, `nomatch` and `unhealthy` where extended states are asked for; a recording rule has no other. */
export type RuleState = 'firing' | 'pending' | 'inactive' | '' | 'ok' | 'nomatch' | 'unhealthy'

export type RuleJson = {
  readonly state: RuleState
  readonly name: string
  readonly query: string
  readonly duration: number
  readonly keep_firing_for: number
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly lastError: string
  readonly evaluationTime: number
  readonly lastEvaluation: string
  readonly alerts?: readonly AlertJson[]
  readonly health: RuleStatus['health']
  readonly type: 'alerting' | 'recording'
  readonly datasourceType: 'prometheus'
  readonly lastSamples: number
  readonly lastSeriesFetched?: number
  readonly id: string
  readonly group_id: string
  readonly group_name: string
  readonly file: string
  readonly debug: boolean
  readonly max_updates_entries: number
}

export type GroupJson = {
  readonly name: string
  readonly rules: readonly RuleJson[]
  readonly interval: number
  readonly lastEvaluation: string
  readonly evaluationTime: number
  readonly type: 'prometheus'
  readonly id: string
  readonly file: string
  readonly concurrency: number
  readonly params?: readonly string[]
  readonly headers?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly eval_offset?: number
  readonly eval_delay?: number
  readonly states: Readonly<Record<string, number>>
}

export function groupJson(
  { group, id, lastEvaluationAt, evaluationSeconds }: GroupStatus,
  rules: readonly RuleJson[],
): GroupJson {
  const { params = {}, headers = {}, labels, evalOffsetMs = 0, evalDelayMs = 0 } = group
  const states: Record<string, number> = {}
  for (const { state } of rules) states[state] = (states[state] ?? 0) + 1
  return {
    name: group.name,
    rules,
    interval: group.intervalMs / 1000,
    lastEvaluation: instant(lastEvaluationAt),
    evaluationTime: evaluationSeconds,
    type: 'prometheus',
    id,
    file: group.file,
    concurrency: group.concurrency ?? 1,
    ...unlessEmpty(
      'params',
      sorted(params).flatMap(([name, values]) => values.map((value) => `${name}=${value}`)),
    ),
    // A header may hold a credential: its name is shown, and that it is there.
    ...unlessEmpty(
      'headers',
      sorted(headers).map(([name]) => `${name}: <secret>`),
    ),
    ...unlessEmpty('labels', labels ?? {}),
    ...(evalOffsetMs !== 0 && { eval_offset: evalOffsetMs / 1000 }),
    ...(evalDelayMs !== 0 && { eval_delay: evalDelayMs / 1000 }),
    states,
  }
}

export function ruleJson(
  { group, id: groupId }: GroupStatus,
  status: RuleStatus,
  externalUrl: string,
): RuleJson {
  const { rule, id, seriesFetched } = status
  const isAlert = isAlertRule(rule)
  const alerts = status.alerts
    .filter(isShown)
    .map((alert) => alertJson(alert, rule, { groupId, ruleId: id, externalUrl }))
  return {
    state: stateOf(rule, alerts),
    name: ruleName(rule),
    query: queryText(rule),
    duration: isAlert ? (rule.forMs ?? 0) / 1000 : 0,
    keep_firing_for: isAlert ? (rule.keepFiringForMs ?? group.keepFiringForMs ?? 0) / 1000 : 0,
    ...unlessEmpty('labels', labelsOf(group, rule)),
    ...(isAlert && unlessEmpty('annotations', shown(rule.annotations))),
    lastError: status.lastError,
    evaluationTime: status.evaluationSeconds,
    lastEvaluation: instant(status.lastEvaluationAt),
    ...(alerts.length > 0 && { alerts }),
    health: status.health,
    type: isAlert ? 'alerting' : 'recording',
    datasourceType: 'prometheus',
    lastSamples: status.samples,
    ...(seriesFetched !== null && { lastSeriesFetched: seriesFetched }),
    id,
    group_id: groupId,
    group_name: group.name,
    file: group.file,
    debug: rule.debug ?? group.debug ?? false,
    max_updates_entries: status.mostUpdates,
  }
}

/** The last evaluations of a rule; durations are Go's, in nanoseconds. */
export function updatesJson({ updates }: RuleStatus): { readonly updates?: readonly object[] } {
  return unlessEmpty(
    'updates',
    updates.map(({ evaluatedAt, at, seconds, samples, seriesFetched, error }) => ({
      time: instant(evaluatedAt),
      at: instant(at),
      duration: Math.round(seconds * 1e9),
      error: error === '' ? null : error,
      samples,
      series_fetched: seriesFetched,
    })),
  )
}

/** As `extended_states` has them: a rule without alerts says whether it is well, and whether it found any series. */
export function extendedState(rule: RuleJson): RuleState {
  if ((rule.alerts?.length ?? 0) > 0) return rule.state
  if (rule.health === 'err') return 'unhealthy'
  if (rule.lastSeriesFetched === 0) return 'nomatch'
  return rule.state === '' ? 'ok' : rule.state
}

function alertJson(
  alert: Alert & { readonly state: AlertJson['state'] },
  rule: Rule,
  of: { groupId: string; ruleId: string; externalUrl: string },
): AlertJson {
  const id = alertId(alert.labels)
  return {
    state: alert.state,
    name: ruleName(rule),
    value: valueText(alert.value),
    ...unlessEmpty('labels', alert.labels),
    annotations: alert.annotations,
    activeAt: instant(alert.activeAt),
    id,
    rule_id: of.ruleId,
    group_id: of.groupId,
    expression: queryText(rule),
    source: `${of.externalUrl.replace(/\/+$/, '')}/vmalert/api/v1/alert?group_id=${of.groupId}&alert_id=${id}`,
    restored: alert.restored === true,
    stabilizing: alert.state === 'firing' && alert.keepFiringSince !== null,
  }
}

type Active = Alert & { readonly state: AlertJson['state'] }
const isShown = (alert: Alert): alert is Active =>
  alert.state !== 'resolved' && !isCanary(alert.labels)

function stateOf(rule: Rule, alerts: readonly AlertJson[]): RuleState {
  if (!isAlertRule(rule)) return ''
  if (alerts.some(({ state }) => state === 'firing')) return 'firing'
  return alerts.length > 0 ? 'pending' : 'inactive'
}

/** MetricsQL; of a rule that is a function its name, or that of the rule. */
function queryText(rule: Rule): string {
  const { expr } = rule
  if (typeof expr === 'string' || expr.name !== '') return expressionText(expr)
  const name = ruleName(rule)
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}()`
}

/** What the configuration says of labels: templates as they are written. */
export function labelsOf(group: RuleGroup, rule: Rule): Readonly<Record<string, string>> {
  return isAlertRule(rule) ? shown(addedLabels(group, rule)) : { ...group.labels, ...rule.labels }
}

function shown(texts: Readonly<Record<string, string | Text>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [
      name,
      typeof text === 'string' ? text : (text.source ?? `${text.name === '' ? name : text.name}()`),
    ]),
  )
}

/** As few digits as a 32-bit float needs, without an exponent: what vmalert shows. */
function valueText(value: number): string {
  const single = Math.fround(value)
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(single.toPrecision(digits))
    if (Math.fround(short) === single) return formatFloat(short, 'f')
  }
  return formatFloat(Number(single.toPrecision(9)), 'f')
}

/** RFC 3339; what never was is the year 1, as Go has it. */
const instant = (at: number | null): string =>
  at === null ? '0001-01-01T00:00:00Z' : new Date(at).toISOString()

const sorted = <T>(of: Readonly<Record<string, T>>): [string, T][] =>
  Object.entries(of).sort(([one], [other]) => (one < other ? -1 : 1))

function unlessEmpty<K extends string, T extends object>(
  key: K,
  value: T,
): { readonly [Key in K]?: T } {
  const told: { [Key in K]?: T } = {}
  if (Object.keys(value).length > 0) told[key] = value
  return told
}
