import { describe, expect, test } from 'vitest'
import { readRuleYaml } from '../../../../alerting/rule-files/read-yaml.ts'
import type { AlertRule } from '../../../../alerting/rule.ts'
import { formatProblem } from '../../../../lib/config/problem.ts'

const read = (text: string) =>
  readRuleYaml('a.yml', text, { environment: { TEAM: 'noc', TOKEN: 's3cret' }, intervalMs: 60_000 })

const problemsOf = async (text: string): Promise<string[]> =>
  (await read(text)).problems.map(formatProblem)

/** A file of one group with these lines of a rule. */
const withRule = (...lines: readonly string[]): string =>
  [
    'groups:',
    '- name: g',
    '  rules:',
    `  - ${lines[0]}`,
    ...lines.slice(1).map((line) => `    ${line}`),
  ].join('\n')

test('a bomb of aliases is refused, and says so', async () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const item = level === 0 ? 'x' : `*a${level - 1}`
    return `a${level}: &a${level} [${Array.from({ length: 9 }, () => item).join(', ')}]`
  })
  expect(await problemsOf(levels.join('\n'))).toEqual([
    'a.yml: its anchors (&) and aliases (*) amount to far too much: write it out',
  ])
})

describe('a rule file', () => {
  test('gives its groups with every key of vmalert', async () => {
    const { groups, problems } = await read(`
groups:
- name: everything
  type: prometheus
  interval: 1m30s
  eval_offset: -10s
  eval_alignment: false
  limit: 10
  concurrency: 2
  labels: {team: "%{TEAM}", code: 007}
  params: {extra_label: [a=b, c=d]}
  headers: ["Authorization: Bearer %{TOKEN}"]
  keep_firing_for: 1m
  debug: true
  update_entries_limit: 5
  rules:
  - alert: Down
    expr: up == 0
    for: 1.5h
    keep_firing_for: 1w
    labels: {severity: critical}
    debug: false
    update_entries_limit: 7
  - record: job:up:sum
    expr: sum(up) by (job)
    labels: {a: 1}
`)
    expect(problems).toEqual([])
    expect(groups).toEqual([
      {
        name: 'everything',
        file: 'a.yml',
        intervalMs: 90_000,
        evalOffsetMs: -10_000,
        evalAlignment: false,
        limit: 10,
        concurrency: 2,
        labels: { team: 'noc', code: '007' },
        params: { extra_label: ['a=b', 'c=d'] },
        headers: { Authorization: 'Bearer s3cret' },
        keepFiringForMs: 60_000,
        debug: true,
        updateEntriesLimit: 5,
        rules: [
          {
            alert: 'Down',
            expr: 'up == 0',
            forMs: 5_400_000,
            keepFiringForMs: 604_800_000,
            labels: { severity: 'critical' },
            debug: false,
            updateEntriesLimit: 7,
            annotations: {},
          },
          { record: 'job:up:sum', expr: 'sum(up) by (job)', labels: { a: '1' } },
        ],
      },
    ])
  })

  test('may hold several documents, and none', async () => {
    const { groups } = await read('groups:\n- name: a\n---\ngroups:\n- name: b\n---\n')
    expect(groups.map(({ name, intervalMs }) => [name, intervalMs])).toEqual([
      ['a', 60_000],
      ['b', 60_000],
    ])
    expect((await read('# nothing yet\n')).groups).toEqual([])
  })

  test("may be of Prometheus: query_offset is the group's delay", async () => {
    const { groups, problems } = await read('groups:\n- name: a\n  query_offset: 30s\n  limit: 3\n')
    expect(problems).toEqual([])
    expect(groups[0]).toMatchObject({ evalDelayMs: 30_000, limit: 3 })
  })

  test('keeps templates as functions that know their source', async () => {
    const { groups } = await read(
      withRule(
        'alert: A',
        'expr: x',
        'labels: {to: "{{ $labels.team }}", plain: a}',
        'annotations: {summary: "{{ $value }} on {{ $labels.device }}"}',
      ),
    )
    const { annotations, labels = {} } = groups.flatMap(({ rules }) => rules)[0] as AlertRule
    const context = { labels: { device: 'r1', team: 'noc' }, value: 2 } as unknown as Parameters<
      NonNullable<typeof annotations.summary>
    >[0]
    const to = labels['to']
    expect(annotations['summary']?.(context)).toBe('2 on r1')
    expect(annotations['summary']?.source).toBe('{{ $value }} on {{ $labels.device }}')
    expect(typeof to === 'function' && to(context)).toBe('noc')
    expect(labels['plain']).toBe('a')
  })

  test('tells what it takes and does nothing with', async () => {
    const { notices, problems } = await read(
      'groups:\n- name: a\n  notifier_headers: ["X-A: b"]\n  partial_response_strategy: warn\n  tenant: "1:2"\n',
    )
    expect(problems).toEqual([])
    expect(notices.map(formatProblem)).toEqual([
      'a.yml:3: groups[0].notifier_headers: has no effect: headers of messages are set at the receiver',
      expect.stringContaining('a.yml:4: groups[0].partial_response_strategy: has no effect'),
      expect.stringContaining('a.yml:5: groups[0].tenant: has no effect'),
    ])
  })
})

describe('what is wrong is told with its line and what was expected', () => {
  test.each([
    ['group: []', 'a.yml:1: group: unknown key, did you mean groups?'],
    ['groups:\n- nmae: a\n  name: b', 'a.yml:2: groups[0].nmae: unknown key, did you mean name?'],
    [
      'groups:\n- name: a\n  intervall: 5s',
      'a.yml:3: groups[0].intervall: unknown key, did you mean interval?',
    ],
    [
      withRule('alert: A', 'expr: x', 'anotations: {}'),
      'a.yml:6: groups[0].rules[0].anotations: unknown key, did you mean annotations?',
    ],
    ['groups:\n- interval: 5s', 'a.yml:2: groups[0].name: expected a text, got nothing'],
    [
      'groups:\n- name: a\n  interval: 5 min',
      'a.yml:3: groups[0].interval: expected a duration more than 0, such as 30s, got "5 min"',
    ],
    [
      'groups:\n- name: a\n  interval: 0s',
      'a.yml:3: groups[0].interval: expected a duration more than 0, such as 30s, got "0s"',
    ],
    [
      'groups:\n- name: a\n  type: graphite',
      'a.yml:3: groups[0].type: expected prometheus (Graphite\'s functions are not read), got "graphite"',
    ],
    [
      'groups:\n- name: a\n  type: vlogs',
      'a.yml:3: groups[0].type: expected prometheus (wardline has no logs: leave rules over VictoriaLogs to vmalert), got "vlogs"',
    ],
    [
      'groups:\n- name: a\n  interval: 1m\n  eval_offset: 2m',
      'a.yml:4: groups[0].eval_offset: expected at most the interval of the group, 1m',
    ],
    [
      'groups:\n- name: a\n  eval_offset: 5s\n  eval_delay: 5s',
      'a.yml:3: groups[0].eval_offset: a group has an offset or a delay, not both',
    ],
    [
      'groups:\n- name: a\n  query_offset: 5s\n  eval_delay: 5s',
      'a.yml:3: groups[0].query_offset: query_offset and eval_delay are the same: keep one',
    ],
    [
      'groups:\n- name: a\n- name: a',
      'a.yml:3: groups[1].name: there is a group "a" in this file already',
    ],
    [
      'groups:\n- name: a\n  headers: ["nothing %{TOKEN}"]',
      'a.yml:3: groups[0].headers[0]: expected a header such as "Name: value"',
    ],
    [
      'groups:\n- name: a\n  labels: {x: "%{NONE}"}',
      'a.yml:3: the environment variable NONE is not set: set it before wardline starts',
    ],
    [
      withRule('expr: x'),
      'a.yml:4: groups[0].rules[0]: expected either alert or record in a rule, got neither',
    ],
    [
      withRule('alert: A', 'record: b', 'expr: x'),
      'a.yml:4: groups[0].rules[0]: expected either alert or record in a rule, got both',
    ],
    [withRule('alert: A'), 'a.yml:4: groups[0].rules[0].expr: expected a text, got nothing'],
    [
      withRule('alert: A', 'expr: " "'),
      'a.yml:5: groups[0].rules[0].expr: expected an expression, got " "',
    ],
    [
      withRule('record: b', 'expr: x', 'for: 5m'),
      'a.yml:6: groups[0].rules[0].for: belongs to an alert: a rule with record has none',
    ],
    [
      withRule('record: b', 'expr: x', 'annotations: {a: b}'),
      'a.yml:6: groups[0].rules[0].annotations: belongs to an alert',
    ],
    [
      withRule('alert: A', 'expr: x', 'labels: {__name__: b}'),
      "a.yml:6: groups[0].rules[0].labels.__name__: the label __name__ is the name of the series itself: it can't be set",
    ],
    [
      withRule('alert: A', 'expr: x', 'annotations:', '  summary: "{{ $lables.a }}"'),
      'a.yml:7: groups[0].rules[0].annotations.summary: the template is wrong: column 4: there is no variable $lables, did you mean $labels?',
    ],
    [
      withRule('alert: A', 'expr: x', 'labels:', '  team: "{{ if gt $value 5 }}a{{ end }}"'),
      "a.yml:7: groups[0].rules[0].labels.team: the template is wrong: column 7: gt: float64 isn't compared with int",
    ],
    [
      withRule('alert: A', 'expr: x', 'labels: {b: c}') +
        '\n  - {expr: x, alert: A, labels: {b: c}}',
      'a.yml:7: groups[0].rules[1]: rule 1 of this group has the same name, expression and labels: keep one',
    ],
    ['groups:\n- name: [', 'a.yml:2: '],
  ])('%#', async (text, expected) => {
    expect(await problemsOf(text)).toEqual(
      expect.arrayContaining([expect.stringContaining(expected)]),
    )
  })

  test('a header that holds a secret is not shown', async () => {
    expect(
      (await problemsOf('groups:\n- name: a\n  headers: ["nothing %{TOKEN}"]')).join(),
    ).not.toContain('s3cret')
  })

  test('rules of one name with other expressions or labels stand beside one another', async () => {
    const text = `${withRule('alert: A', 'expr: x')}\n  - {alert: A, expr: y}\n  - {alert: A, expr: x, labels: {a: b}}`
    expect(await problemsOf(text)).toEqual([])
  })
})
