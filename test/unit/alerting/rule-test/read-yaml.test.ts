import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { readTestYaml } from '../../../../alerting/rule-test/read-yaml.ts'
import { formatProblem } from '../../../../lib/config/problem.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wardline-rule-test-'))
  await writeFile(
    join(folder, 'rules.yml'),
    'groups:\n' +
      ['one', 'two', 'three']
        .map((name) => `  - name: ${name}\n    rules: [{ alert: A, expr: up == 0 }]\n`)
        .join(''),
  )
})

const read = (text: string) =>
  readTestYaml(join(folder, 'rules.test.yml'), text, { externalLabels: {}, externalUrl: '' })

/** What is wrong, without the folder. */
async function problemsOf(text: string): Promise<string[]> {
  const { problems } = await read(text)
  return problems.map((problem) => formatProblem(problem).replaceAll(`${folder}/`, ''))
}

const TEST = `
rule_files: [rules.yml]
evaluation_interval: 30s
group_eval_order: [three]
tests:
  - name: t
    input_series:
      - { series: 'up{a="b"}', values: 1x2 }
    alert_rule_test:
      - { eval_time: 5m, groupname: one, alertname: A, exp_alerts: [{ exp_labels: { a: b } }] }
`

describe('a file of vmalert-tool', () => {
  test('is read with its defaults', async () => {
    const { tests, problems } = await read(TEST)
    expect(problems).toEqual([])
    expect(tests).toMatchObject([
      {
        name: 't',
        place: { line: 6 },
        startAt: Date.UTC(2000, 0, 1),
        evaluationIntervalMs: 30_000,
        intervalMs: 30_000,
        style: 'vmalert',
        series: [{ labels: { __name__: 'up', a: 'b' }, values: [1, 1, 1] }],
        alerts: [
          {
            place: { line: 10 },
            atMs: 300_000,
            group: 'one',
            expected: [{ labels: { a: 'b' }, annotations: {} }],
          },
        ],
      },
    ])
  })

  test('has the groups that it orders first, then the others', async () => {
    const { tests } = await read(TEST)
    expect(tests[0]?.groups.map(({ name }) => name)).toEqual(['three', 'one', 'two'])
  })
})

test("a file of promtool is read in promtool's meaning", async () => {
  const { tests } = await read(`
rule_files: ['rules.*']
fuzzy_compare: true
tests:
  - interval: 1m
    start_timestamp: 1609459200
    external_labels: { cluster: prod }
    external_url: http://wardline.example
    alert_rule_test: [{ eval_time: 1m, alertname: A }]
    promql_expr_test:
      - { expr: up, eval_time: 90s, exp_samples: [{ labels: 'up{}', value: 1e3 }, { value: NaN }] }
`)
  expect(tests).toMatchObject([
    {
      name: 'test 1',
      style: 'prometheus',
      isFuzzy: true,
      startAt: Date.UTC(2021, 0, 1),
      externalLabels: { cluster: 'prod' },
      externalUrl: 'http://wardline.example',
      alerts: [{ group: null, expected: [] }],
      queries: [
        {
          atMs: 90_000,
          expected: [
            { labels: { __name__: 'up' }, value: 1000 },
            { labels: {}, value: Number.NaN },
          ],
        },
      ],
    },
  ])
})

describe('what is wrong is told with file and line', () => {
  test.each([
    [
      'tests: []\nrule_flies: []',
      'rules.test.yml:2: rule_flies: unknown key, did you mean rule_files?',
    ],
    ['rule_files: []', 'rules.test.yml:1: tests: expected a list of tests, got nothing'],
    [
      'tests:\n  - interval: 0s',
      'rules.test.yml:2: tests[0].interval: expected a duration more than 0, such as 1m, got "0s"',
    ],
    [
      'tests:\n  - input_series:\n    - series: up{\n      values: 1',
      'rules.test.yml:3: tests[0].input_series[0].series: expected a series such as up{job="node"}: a name, and labels with = and a text, got "up{"',
    ],
    [
      'tests:\n  - input_series:\n    - series: up\n      values: 1 one',
      'rules.test.yml:4: tests[0].input_series[0].values: "one" is no number, a+bxn, axn, _, _xn or stale, got "1 one"',
    ],
    [
      'tests:\n  - alert_rule_test:\n    - eval_time: 1m',
      'rules.test.yml:3: tests[0].alert_rule_test[0].alertname: expected a text, got nothing',
    ],
    [
      'tests:\n  - metricsql_expr_test:\n    - { expr: up, eval_time: 1m, exp_samples: [{ value: one }] }',
      'rules.test.yml:3: tests[0].metricsql_expr_test[0].exp_samples[0].value: expected a number, got "one"',
    ],
    [
      "tests:\n  - promql_expr_test:\n    - { expr: up, eval_time: 1m, exp_samples: [{ histogram: '{{}}' }] }",
      'rules.test.yml:3: tests[0].promql_expr_test[0].exp_samples[0].histogram: native histograms are not kept by VictoriaMetrics: expect the series of classic ones, got "{{}}"',
    ],
    [
      'tests:\n  - start_timestamp: soon',
      'rules.test.yml:2: tests[0].start_timestamp: expected an instant: Unix seconds, or such as 2026-01-01T00:00:00Z, got "soon"',
    ],
    [
      'rule_files: [nowhere.yml]\ntests: []',
      'rules.test.yml:1: rule_files: nowhere.yml: no such file',
    ],
    [
      'rule_files: [rules.yml]\ngroup_eval_order: [on]\ntests: []',
      'rules.test.yml:2: group_eval_order: there is no group "on" in the rule files',
    ],
    [
      'rule_files: [rules.yml]\ngroup_eval_order: [one, two, one]\ntests: []',
      'rules.test.yml:2: group_eval_order: "one" stands twice in it: keep one',
    ],
  ])('%s', async (text, problem) => {
    expect(await problemsOf(text)).toEqual([problem])
  })

  test('the problems of its rule files are its own', async () => {
    const file = join(folder, 'wrong.yml')
    await writeFile(file, 'groups: [{ name: g, rules: [{ alert: A, exrp: up }] }]')
    const problems = await problemsOf('rule_files: [wrong.yml]\ntests: []')
    expect(problems).toContain(
      'wrong.yml:1: groups[0].rules[0].exrp: unknown key, did you mean expr?',
    )
  })
})
