import { describe, expect, test } from 'vitest'
import { alertId, groupId, ruleId } from '../../../alerting/rule-id.ts'
import type { AlertRule, RuleGroup } from '../../../alerting/rule.ts'
import { createFnv } from '../../../lib/fnv.ts'
import { groupOf } from './facts.ts'

const rule: AlertRule = { alert: 'Down', expr: 'up == 0', annotations: {} }
const group = groupOf([rule])

describe('the id of a group', () => {
  test.each<[Partial<RuleGroup>, string]>([
    [{ intervalMs: 15_000 }, '15s'],
    [{ intervalMs: 60_000 }, '1m0s'],
    [{ intervalMs: 90_000 }, '1m30s'],
    [{ intervalMs: 3_600_000 }, '1h0m0s'],
    [{ intervalMs: 500 }, '500ms'],
    [{ intervalMs: 1_500 }, '1.5s'],
    [{ intervalMs: 60_000, evalOffsetMs: -10_000 }, '1m0s-10s'],
  ])('of %o is over its file, its name and its timing as Go prints it: %s', (more, timing) => {
    const expected = createFnv().text('g.yml').separate().text(`gprometheus${timing}`).decimal()
    expect(groupId({ ...group, ...more })).toBe(expected)
  })

  test('is another one in another file', () => {
    expect(groupId({ ...group, file: 'other.yml' })).not.toBe(groupId(group))
  })
})

describe('the id of a rule', () => {
  test('is over its expression, its kind, its name and its labels in order', () => {
    const labelled = { ...rule, labels: { team: 'noc', at: 'night' } }
    const expected = createFnv().text('up == 0alertingDown').text('atnight').separate()
    expected.text('teamnoc').separate()
    expect(ruleId(group, labelled)).toBe(expected.decimal())
  })

  test.each<[string, Partial<AlertRule>]>([
    ['expression', { expr: 'up < 1' }],
    ['name', { alert: 'Gone' }],
    ['label', { labels: { team: 'noc' } }],
    ['severity', { severity: 'warning' }],
  ])('differs with its %s', (_, more) => {
    expect(ruleId(group, { ...rule, ...more })).not.toBe(ruleId(group, rule))
  })

  test('of a label that is a template has the template in it', () => {
    const render = (source: string) => Object.assign(() => 'x', { source })
    const one = { ...rule, labels: { who: render('{{ .a }}') } }
    const other = { ...rule, labels: { who: render('{{ .b }}') } }
    expect(ruleId(group, one)).not.toBe(ruleId(group, other))
  })

  test('is the same whatever its timing and its texts are', () => {
    const edited = { ...rule, forMs: 60_000, annotations: { summary: () => 'gone' } }
    expect(ruleId(group, edited)).toBe(ruleId(group, rule))
  })

  test('a recording rule is no alert of the same name', () => {
    const record = { record: 'Down', expr: 'up == 0' }
    expect(ruleId(group, record)).not.toBe(ruleId(group, rule))
  })
})

test('the id of an alert is over its labels in order, without the name of the metric', () => {
  const expected = createFnv().text('alertnameDown').separate().text('devicea').separate().decimal()
  expect(alertId({ device: 'a', __name__: 'up', alertname: 'Down' })).toBe(expected)
})
