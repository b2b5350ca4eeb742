import type { Alert } from './alert.ts'
import type { AlertStates } from './evaluate.ts'
import { type AlertRule, type RuleGroup, isAlertRule } from './rule.ts'
import { groupId, ruleId } from './rule-id.ts'
import { addedLabels } from './rule-labels.ts'

export type Adopted = {
  /** By group id. */
  readonly states: ReadonlyMap<string, AlertStates>
  /** Alerts that no rule can produce any more: they are over (C5). */
  readonly homeless: readonly Alert[]
}

/**
 * Hands alerts of an earlier process, or of rules that were changed, to the rules that go on with them: the same rule,
 * or else one whose alerts have this name, group and labels. It may have moved to another file, or ask for something else.
 */
export function adoptAlerts(groups: readonly RuleGroup[], alerts: readonly Alert[]): Adopted {
  const homes = homesByName(groups)
  const states = new Map<string, Map<string, Map<string, Alert>>>()
  for (const group of groups) states.set(groupId(group), new Map())
  const homeless: Alert[] = []
  for (const alert of alerts) {
    const home = homeOf(alert, homes.get(nameOf(alert)) ?? [])
    if (home === undefined) {
      homeless.push(alert)
      continue
    }
    const ofGroup = states.get(home.groupId)
    const ofRule = ofGroup?.get(home.ruleId) ?? new Map<string, Alert>()
    ofGroup?.set(home.ruleId, ofRule.set(alert.key, moved(alert, home)))
  }
  return { states, homeless }
}

type Home = {
  readonly groupId: string
  readonly ruleId: string
  readonly rule: AlertRule
  readonly labels: ReturnType<typeof addedLabels>
}

function homesByName(groups: readonly RuleGroup[]): Map<string, Home[]> {
  const homes = new Map<string, Home[]>()
  for (const group of groups) {
    for (const rule of group.rules) {
      if (!isAlertRule(rule)) continue
      const key = JSON.stringify([group.name, rule.alert])
      const ids = { groupId: groupId(group), ruleId: ruleId(group, rule) }
      const home = { ...ids, rule, labels: addedLabels(group, rule) }
      homes.set(key, [...(homes.get(key) ?? []), home])
    }
  }
  return homes
}

const nameOf = ({ labels }: Alert): string =>
  JSON.stringify([labels['alertgroup'] ?? '', labels['alertname'] ?? ''])

function homeOf(alert: Alert, homes: readonly Home[]): Home | undefined {
  const likely = homes
    .filter(({ labels }) => mayProduce(labels, alert))
    .sort((one, other) => Object.keys(other.labels).length - Object.keys(one.labels).length)
  return (
    likely.find((home) => home.groupId === alert.groupId && home.ruleId === alert.ruleId) ??
    likely.find((home) => home.groupId === alert.groupId) ??
    likely[0]
  )
}

/** By the labels that are no function of a result. */
const mayProduce = (labels: Home['labels'], alert: Alert): boolean =>
  Object.entries(labels).every(
    ([name, value]) => typeof value !== 'string' || (alert.labels[name] ?? '') === value,
  )

function moved(alert: Alert, { groupId: group, ruleId: rule, rule: { forMs = 0 } }: Home): Alert {
  // ALERTS doesn't say since when an alert fires, only since when its condition holds.
  const isUnknown = alert.ruleId === '' && alert.startsAt === alert.activeAt
  const isGuess = alert.restored === true && isUnknown && alert.state === 'firing'
  const startsAt = isGuess ? alert.activeAt + forMs : alert.startsAt
  return { ...alert, groupId: group, ruleId: rule, startsAt }
}
