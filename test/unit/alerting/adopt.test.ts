import { describe, expect, test } from 'vitest'
import { adoptAlerts } from '../../../alerting/adopt.ts'
import { type Alert, alertKey } from '../../../alerting/alert.ts'
import { groupId, ruleId } from '../../../alerting/rule-id.ts'
import type { AlertRule, RuleGroup } from '../../../alerting/rule.ts'
import type { Labels } from '../../../lib/labels.ts'
import { groupOf } from './facts.ts'

const rule = (expr: string, more: Partial<AlertRule> = {}): AlertRule => ({
  alert: 'Down',
  expr,
  annotations: {},
  ...more,
})

const alertOf = (labels: Labels, more: Partial<Alert> = {}): Alert => {
  const all = { alertname: 'Down', alertgroup: 'g', ...labels }
  return {
    key: alertKey(all),
    groupId: '',
    ruleId: '',
    labels: all,
    annotations: {},
    value: 1,
    revision: '',
    state: 'firing',
    activeAt: 60_000,
    startsAt: 60_000,
    resolvedAt: 0,
    keepFiringSince: null,
    ...more,
  }
}

/** Where an alert goes on: `file: expression`, or nowhere. */
function homeOf(groups: readonly RuleGroup[], alert: Alert): string {
  const { states, homeless } = adoptAlerts(groups, [alert])
  for (const group of groups)
    for (const each of group.rules)
      if (states.get(groupId(group))?.get(ruleId(group, each))?.has(alert.key) === true)
        return `${group.file}: ${String(each.expr)}`
  return homeless.includes(alert) ? 'nowhere' : 'lost'
}

const one = groupOf([rule('a'), rule('b', { severity: 'critical' })])
const other = groupOf([rule('c')], { file: 'other.yml' })

describe('C5 an alert goes on with', () => {
  test.each<[string, readonly RuleGroup[], Alert, string]>([
    ['the rule of its name', [one], alertOf({}), 'g.yml: a'],
    ['that has its labels', [one], alertOf({ severity: 'critical' }), 'g.yml: b'],
    ['the same rule, where several could', [other, one], alertOf({}, idsOf(one, 0)), 'g.yml: a'],
    [
      'one of its group, where several could',
      [other, one],
      alertOf({}, { groupId: groupId(one) }),
      'g.yml: a',
    ],
    ['one that moved to another file', [other], alertOf({}, idsOf(one, 0)), 'other.yml: c'],
    [
      'one whose labels may be anything',
      [groupOf([rule('d', { labels: { x: () => 'y' } })])],
      alertOf({ x: 'z' }),
      'g.yml: d',
    ],
    [
      'none: its rule has another name',
      [groupOf([rule('a', { alert: 'Gone' })])],
      alertOf({}),
      'nowhere',
    ],
    ['none: its group has another name', [{ ...one, name: 'h' }], alertOf({}), 'nowhere'],
    [
      'none: its rule has other labels',
      [groupOf([rule('a', { severity: 'info' })])],
      alertOf({}),
      'nowhere',
    ],
    [
      'none: the group’s labels are others',
      [{ ...one, labels: { site: 't' } }],
      alertOf({}),
      'nowhere',
    ],
    ['none: there is none', [], alertOf({}), 'nowhere'],
  ])('%s', (_, groups, alert, expected) => {
    expect(homeOf(groups, alert)).toBe(expected)
  })

  test('is told under its rule of now, since when it was', () => {
    const { states } = adoptAlerts([other], [alertOf({}, idsOf(one, 0))])
    const [alerts] = [...(states.get(groupId(other))?.values() ?? [])]
    expect([...(alerts?.values() ?? [])]).toEqual([alertOf({}, idsOf(other, 0))])
  })

  test('fires since its condition held for long enough, where only VictoriaMetrics knows of it', () => {
    const group = groupOf([rule('a', { forMs: 30_000 })])
    const { states } = adoptAlerts([group], [alertOf({}, { restored: true })])
    const alerts = [...(states.get(groupId(group))?.values() ?? [])].flatMap((map) => [
      ...map.values(),
    ])
    expect(alerts.map(({ startsAt, activeAt }) => [activeAt, startsAt])).toEqual([[60_000, 90_000]])
  })
})

function idsOf(group: RuleGroup, index: number): Pick<Alert, 'groupId' | 'ruleId'> {
  const each = group.rules[index]
  return { groupId: groupId(group), ruleId: each === undefined ? '' : ruleId(group, each) }
}
