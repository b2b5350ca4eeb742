import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { testFolder } from './files.ts'

const RULES = `
groups:
  - name: nodes
    rules:
      - alert: NodeDown
        expr: up == 0
        for: 5m
        keep_firing_for: 2m
        labels: { severity: page }
        annotations:
          summary: '{{ $labels.instance }} of {{ $externalLabels.cluster }} is down, see {{ $externalURL }}'
          others: '{{ with query "sum(up)" }}{{ . | first | value }} are up{{ end }}'
      - alert: Always
        expr: 1
  - name: late
    rules:
      - { record: twice, expr: load * 2 }
  - name: early
    rules:
      - { record: twice_before, expr: twice }
`

const TOOL = `
rule_files: [rules.yml]
evaluation_interval: 1m
group_eval_order: [early, late]
tests:
  - name: nodes
    external_labels: { cluster: prod }
    input_series:
      - { series: 'up{instance="a"}', values: 1 1 0x9 1x9 }
      - { series: 'up{instance="b"}', values: 1x30 }
    alert_rule_test:
      - { eval_time: 0, groupname: nodes, alertname: Always, exp_alerts: [{ exp_labels: { cluster: prod } }] }
      - { eval_time: 6m59s, groupname: nodes, alertname: NodeDown }
      - eval_time: 7m30s
        groupname: nodes
        alertname: NodeDown
        exp_alerts: &down
          - exp_labels: { instance: a, severity: page, cluster: prod }
            exp_annotations:
              summary: a of prod is down, see http://wardline.example
              others: 1 are up
      - eval_time: 13m
        groupname: nodes
        alertname: NodeDown
        exp_alerts: *down
      - { eval_time: 14m, groupname: nodes, alertname: NodeDown }
    metricsql_expr_test:
      - { expr: 'ALERTS_FOR_STATE{alertname="NodeDown"} - 946684800', eval_time: 3m, exp_samples: [
          { labels: '{alertgroup="nodes", alertname="NodeDown", cluster="prod", instance="a", severity="page"}', value: 120 }] }
      - { expr: 'count(ALERTS) by (alertname, alertstate)', eval_time: 6m, exp_samples: [
          { labels: '{alertname="NodeDown", alertstate="pending"}', value: 1 },
          { labels: '{alertname="Always", alertstate="firing"}', value: 1 }] }
      - { expr: 'count(ALERTS{alertname="NodeDown"})', eval_time: 14m, exp_samples: [] }
  - name: recorded series
    input_series:
      - { series: load, values: 1+1x5 stale }
    metricsql_expr_test:
      - { expr: twice, eval_time: 4m, exp_samples: [{ labels: twice, value: 10 }] }
      - { expr: twice_before, eval_time: 4m, exp_samples: [{ labels: twice_before, value: 8 }] }
      - { expr: twice, eval_time: 0, exp_samples: [{ labels: twice, value: 2 }] }
      - { expr: 'time()', eval_time: 0, exp_samples: [{ value: 946684800 }] }
      - { expr: load, eval_time: 6m, exp_samples: [] }
`

test("a file of vmalert-tool passes as it is, with the engine's own evaluation", async () => {
  await using folder = await testFolder({ 'rules.yml': RULES, 'tool.yml': TOOL })
  expect(await folder.run('tool.yml', { externalUrl: 'http://wardline.example' })).toEqual({
    code: 0,
    lines: [
      '  ok    nodes (15 evaluations)',
      '  ok    recorded series (7 evaluations)',
      '',
      '2 passed, 0 failed',
    ],
  })
})

test("a file of promtool passes: no groups are named, and external labels are templates' alone", async () => {
  await using folder = await testFolder({
    'rules.yml': RULES,
    'prom.yml': `
rule_files: ['rul*.yml']
fuzzy_compare: true
tests:
  - interval: 1m
    start_timestamp: 2021-01-01T00:00:00Z
    external_labels: { cluster: prod }
    external_url: http://wardline.example
    input_series:
      - { series: 'up{instance="a"}', values: 0x9 }
      - { series: 'load', values: 0.1+0.2x9 }
    alert_rule_test:
      - eval_time: 5m
        alertname: NodeDown
        exp_alerts:
          - exp_labels: { instance: a, severity: page }
            exp_annotations:
              summary: a of prod is down, see http://wardline.example
              others: 0 are up
    promql_expr_test:
      - { expr: load * 3, eval_time: 1m, exp_samples: [{ value: 0.9 }] }
      - { expr: timestamp(load), eval_time: 0, exp_samples: [{ value: 1609459200 }] }
`,
  })
  const { code, lines } = await folder.run('prom.yml')
  expect(lines).toEqual(['  ok    test 1 (6 evaluations)', '', '1 passed, 0 failed'])
  expect(code).toBe(0)
})

const LINKS = `
import { alert, derive, group, series } from 'wardline/rules'

const rtt = series('ping_rtt_seconds').avg('5m').maxBy('device', 'branch')
const loss = series('ping_loss_ratio').avg('5m').maxBy('device', 'branch')

export const links = group('links', {}, [
  alert('SlowLink', {
    expr: rtt.above(0.2),
    severity: 'warning',
    for: '5m',
    annotations: { summary: ({ labels, value }) => labels.device + ' takes ' + value + ' s' },
  }),
  alert('BadLink', {
    expr: derive(
      { rtt, loss },
      { by: ['device'], value: (at) => ((at.rtt ?? 0) > 0.1 && (at.loss ?? 0) > 0.1 ? at.loss! : null) },
    ),
    severity: 'critical',
    annotations: { summary: 'bad' },
  }),
])
`

const LINKS_TEST = `
import { defineTest } from 'wardline/rules'
import { links } from './links.ts'

const device = { device: 'a', branch: 'b' }

export default defineTest({
  name: 'links',
  rules: [links],
  series: {
    'ping_rtt_seconds{device="a",branch="b"}': '0.3x20',
    'ping_loss_ratio{device="a",branch="b"}': [0, 0.5, null, 'stale'],
  },
  alerts: [
    { at: '4m', alert: 'SlowLink', expected: [] },
    {
      at: '5m',
      group: 'links',
      alert: 'SlowLink',
      expected: [{ labels: { ...device, severity: 'warning' }, annotations: { summary: 'a takes 0.3 s' } }],
    },
    {
      at: '2m',
      alert: 'BadLink',
      expected: [{ labels: { device: 'a', severity: 'critical' }, annotations: { summary: 'bad' } }],
    },
  ],
  queries: [{ at: '1m', expr: 'ping_loss_ratio', expected: [{ labels: { __name__: 'ping_loss_ratio', ...device }, value: 0.5 }] }],
})
`

test('a test in TypeScript takes its groups by import', async () => {
  await using folder = await testFolder({ 'links.ts': LINKS, 'links.test.ts': LINKS_TEST })
  const { code, lines } = await folder.runProcess('links.test.ts')
  expect(lines).toEqual(['  ok    links (6 evaluations)', '', '1 passed, 0 failed'])
  expect(code).toBe(0)
})

describe('what fails is told', () => {
  const wrong = TOOL.replaceAll('severity: page', 'severity: pager').replace(
    'value: 8',
    'value: 10',
  )

  test('with file, line, what was expected and what was got, and exit code 1', async () => {
    await using folder = await testFolder({ 'rules.yml': RULES, 'tool.yml': wrong })
    const options = { externalUrl: 'http://wardline.example', filter: 'recorded' }
    expect(await folder.run('tool.yml', options)).toEqual({
      code: 1,
      lines: [
        '  FAIL  recorded series (7 evaluations)',
        '        tool.yml:39: twice_before at 4m: expected 1, got 1',
        '          expected                 got',
        '          __name__="twice_before"  __name__="twice_before"',
        '        ! value=10                 value=8',
        '',
        '0 passed, 1 failed',
      ],
    })
  })

  test('also where a rule or an expression of a case cannot be evaluated', async () => {
    await using folder = await testFolder({
      'rules.yml': 'groups: [{ name: g, rules: [{ alert: Wrong, expr: rat(up) }] }]',
      'wrong.yml': `
rule_files: [rules.yml]
tests:
  - name: wrong
    metricsql_expr_test: [{ expr: sum(, eval_time: 1m }]
`,
    })
    const { code, lines } = await folder.run('wrong.yml')
    expect(lines[1]).toMatch(/wrong\.yml:4: rule Wrong of group g at 0s: .*unknown func "rat"/)
    expect(lines[2]).toMatch(/wrong\.yml:5: sum\( at 1m: /)
    expect(code).toBe(1)
  })

  test('and a case that cannot fail is pointed at', async () => {
    await using folder = await testFolder({
      'rules.yml': RULES,
      'idle.yml': `
rule_files: [rules.yml]
tests:
  - name: idle
    alert_rule_test: [{ eval_time: 1m, groupname: nodes, alertname: NodeDwon, exp_alerts: [] }]
`,
    })
    const { lines } = await folder.run('idle.yml')
    expect(lines[1]).toBe(
      `        notice: idle.yml:5: there is no alert "NodeDwon" in group "nodes": this can't fail`,
    )
  })

  test('a file that is wrong stops all before anything runs', async () => {
    await using folder = await testFolder({ 'rules.yml': RULES, 'tool.yml': 'tests: [{ nam: x }]' })
    await expect(folder.run('tool.yml')).rejects.toThrow(
      'tool.yml:1: tests[0].nam: unknown key, did you mean name?',
    )
    await expect(folder.run('nowhere.yml')).rejects.toThrow('nowhere.yml: no such file')
  })
})

test('nothing is left behind', async () => {
  await using folder = await testFolder({ 'rules.yml': RULES, 'tool.yml': TOOL })
  const leftovers = async (): Promise<string[]> =>
    (await readdir(tmpdir())).filter((name) => name.startsWith('wardline-throw-away-'))
  const before = await leftovers()
  await folder.run('tool.yml', { filter: 'recorded' })
  expect(await leftovers()).toEqual(before)
})
