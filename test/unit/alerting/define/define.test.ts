import { describe, expect, test } from 'vitest'
import {
  alert,
  derive,
  group,
  matching,
  metricsql,
  not,
  notMatching,
  record,
  series,
} from '../../../../alerting/define.ts'
import type { EvaluationContext, Text, TextContext } from '../../../../alerting/rule.ts'
import type { Vector } from '../../../../lib/victoriametrics.ts'

// That mistakes are refused by the compiler is in test/types/rules.ts.

describe('an expression is written as MetricsQL', () => {
  const up = series('ping_up').last('1m')
  test.each([
    [up, 'last_over_time(ping_up[1m])'],
    [
      series('ping_up', { vantage: 'a"b', device: not('x'), branch: ['A', 'B.c'] }).now('1m'),
      'default_rollup(ping_up{vantage="a\\"b",device!="x",branch=~"A|B\\\\.c"}[1m])',
    ],
    [
      series('ifOperStatus', { ifName: matching('ge-.*'), ifAlias: notMatching('') }).max('5m'),
      'max_over_time(ifOperStatus{ifName=~"ge-.*",ifAlias!~""}[5m])',
    ],
    [
      up.maxBy('device', 'branch').below(1),
      '(max by (device, branch) (last_over_time(ping_up[1m]))) < 1',
    ],
    [up.sumBy(), 'sum (last_over_time(ping_up[1m]))'],
    [up.top(3, 'branch'), 'topk by (branch) (3, last_over_time(ping_up[1m]))'],
    [
      up.and(series('device_state_up').last('10m').equalTo(1), ['device']),
      'last_over_time(ping_up[1m]) and on (device) (last_over_time(device_state_up[10m]) == 1)',
    ],
    [
      up.unless(up, ['device']).or(up),
      '(last_over_time(ping_up[1m]) unless on (device) last_over_time(ping_up[1m])) or last_over_time(ping_up[1m])',
    ],
    [up.times(8).dividedBy(up), '(last_over_time(ping_up[1m]) * 8) / last_over_time(ping_up[1m])'],
    [
      series('ping_rtt_seconds').quantile(0.95, '1h'),
      'quantile_over_time(0.95, ping_rtt_seconds[1h])',
    ],
    [series('ping_up').age('1h').above(60), '(time() - tlast_over_time(ping_up[1h])) > 60'],
    [
      metricsql<'x'>`max by (x) (${up}) > ${5} or label_match(a, "\\d")`,
      'max by (x) ((last_over_time(ping_up[1m]))) > 5 or label_match(a, "\\\\d")',
    ],
  ])('%#', ({ expr }, text) => {
    expect(expr).toBe(text)
  })
})

describe('rules', () => {
  const expr = series('ping_rtt_seconds').avg('5m').maxBy('device').above(0.2)

  test('have their durations in milliseconds and their texts as functions', () => {
    const rule = alert('Slow', {
      expr,
      severity: 'warning',
      for: '1h30m',
      keepFiringFor: '90s',
      labels: { team: 'noc' },
      annotations: { summary: ({ labels }) => `${labels.device} is slow`, runbook: 'see the wiki' },
    })
    const context = { labels: { device: 'r1' } } as unknown as TextContext
    const say = (text: Text | undefined) => text?.(context)
    expect({ ...rule, annotations: undefined }).toEqual({
      alert: 'Slow',
      expr: '(max by (device) (avg_over_time(ping_rtt_seconds[5m]))) > 0.2',
      severity: 'warning',
      forMs: 5_400_000,
      keepFiringForMs: 90_000,
      labels: { team: 'noc' },
    })
    expect([say(rule.annotations['summary']), say(rule.annotations['runbook'])]).toEqual([
      'r1 is slow',
      'see the wiki',
    ])
  })

  test('a group is evaluated each minute on the grid, unless told', () => {
    const rules = [record('device:rtt:avg', { expr, labels: { a: 'b' } })]
    expect(group('g', {}, rules)).toEqual({
      name: 'g',
      file: '',
      intervalMs: 60_000,
      evalAlignment: true,
      rules: [{ record: 'device:rtt:avg', expr: expr.expr, labels: { a: 'b' } }],
    })
    expect(group('g', { interval: '30s', offset: '-5s', limit: 3 }, rules)).toMatchObject({
      intervalMs: 30_000,
      evalOffsetMs: -5_000,
      limit: 3,
    })
  })

  test('without a name are refused where they are written', () => {
    expect(() => group('', {}, [])).toThrow('expected a name of the group, got ""')
  })
})

describe('derive', () => {
  const answers: Readonly<Record<string, Vector>> = {
    'sum_over_time(ping_sent[5m])': [
      { labels: { device: 'a', vantage: 'x' }, value: 10, at: 0 },
      { labels: { device: 'b', vantage: 'x' }, value: 10, at: 0 },
      { labels: { device: 'c', vantage: 'x' }, value: 0, at: 0 },
    ],
    'sum_over_time(ping_received[5m])': [
      { labels: { device: 'a', vantage: 'y' }, value: 4, at: 0 },
      { labels: { device: 'd', vantage: 'x' }, value: 1, at: 0 },
    ],
  }
  const loss = derive(
    { sent: series('ping_sent').sum('5m'), received: series('ping_received').sum('5m') },
    {
      by: ['device'],
      value: ({ sent, received }) => (sent === undefined ? null : 1 - (received ?? 0) / sent),
    },
  )

  test('brings series together by their labels, leaves out what has nothing to tell', async () => {
    const context = {
      at: 5,
      query: (expr: string) => Promise.resolve(answers[expr] ?? []),
    } as unknown as EvaluationContext
    // c sent nothing: 0 / 0 is no number, and d has no `sent`.
    expect(await loss.expr(context)).toEqual([
      { labels: { device: 'a' }, value: 0.6, at: 5 },
      { labels: { device: 'b' }, value: 1, at: 5 },
    ])
  })

  test('is known by its parts', () => {
    expect(loss.expr.name).toBe(
      'derive({ sent: sum_over_time(ping_sent[5m]), received: sum_over_time(ping_received[5m]) })',
    )
  })
})
