import { beforeEach, describe, expect, test } from 'vitest'
import type { GroupStatus } from '../../../../alerting/group/status.ts'
import { createAlertingApp } from '../../../../alerting/http/app.ts'
import type { AlertRule, RuleGroup } from '../../../../alerting/rule.ts'
import type { Problem } from '../../../../lib/config/problem.ts'
import { Hono } from 'hono'
import { recordLog } from '../../../fakes/log.ts'
import { AT, alertOf, groupStatus } from './group-status.ts'

const down: AlertRule = {
  alert: 'DeviceDown',
  severity: 'critical',
  expr: 'ping_up == 0',
  forMs: 30_000,
  labels: { team: 'noc' },
  annotations: { summary: Object.assign(() => '', { source: '{{ $labels.device }} is down' }) },
}
const slow: AlertRule = { alert: 'Slow', expr: 'rtt > 1', annotations: {} }
const zeta: RuleGroup = {
  name: 'zeta',
  file: '/etc/rules.yml',
  intervalMs: 15_000,
  labels: { site: 'a' },
  params: { step: ['1m'], extra: ['x', 'y'] },
  headers: { Authorization: 'Bearer hidden' },
  keepFiringForMs: 60_000,
  evalOffsetMs: 5_000,
  rules: [down, slow, { record: 'ping:up', expr: 'sum(ping_up)', labels: { kind: 'sum' } }],
}
const builtIn: RuleGroup = {
  name: 'availability',
  file: '',
  intervalMs: 2_000,
  rules: [
    {
      alert: 'MonitoringLate',
      expr: async function monitoringLate() {
        return []
      },
      annotations: {},
    },
    { alert: 'HighLatency', expr: (() => () => [])(), annotations: {} },
  ],
}
const empty: RuleGroup = { name: 'empty', file: '/etc/rules.yml', intervalMs: 60_000, rules: [] }

let groups: GroupStatus[]
let problems: Problem[]
beforeEach(() => {
  const firing = alertOf(zeta, down, { value: 0.1 + 0.2, keepFiringSince: AT - 1_000 })
  const resolved = alertOf(zeta, down, { state: 'resolved', resolvedAt: AT })
  groups = [
    groupStatus(zeta, {
      0: { alerts: [firing, resolved], samples: 1, seriesFetched: 7 },
      1: { health: 'err', lastError: 'no such function', seriesFetched: 0 },
      2: { seriesFetched: 0 },
    }),
    groupStatus(empty),
    groupStatus(builtIn, { 1: { health: 'unknown', lastEvaluationAt: null } }),
  ]
  problems = []
})

// oxlint-disable-next-line typescript/no-explicit-any -- what an answer holds is what each test checks
type Answer = { status: number; body: any; text: string }

async function get(
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<Answer> {
  const app = createAlertingApp({
    ops: new Hono().get('/health', (c) => c.text('well')),
    alertmanager: new Hono().get('/api/v2/receivers', (c) => c.json([])),
    vmalert: {
      engine: { groups: () => groups },
      notifiers: () => [
        { kind: 'webhook', name: 'noc', lastError: '' },
        { kind: 'email', name: 'night', lastError: 'refused' },
        { kind: 'webhook', name: 'log', lastError: '' },
      ],
      reload: async () => problems,
      externalUrl: 'https://monitor.example/',
      log: recordLog().log,
    },
  })
  const response = await app.request(path, { method, headers })
  const text = await response.text()
  return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : text }
}

const names = ({ body }: Answer): [string, string[]][] =>
  body.data.groups.map((group: { name: string; rules: { name: string }[] }) => [
    group.name,
    group.rules.map(({ name }) => name),
  ])

test('groups come by name and file, each with its settings; credentials in headers are hidden', async () => {
  const { body } = await get('/api/v1/rules')

  expect(body.status).toBe('success')
  expect(body.data.groups.map(({ name }: { name: string }) => name)).toEqual([
    'availability',
    'empty',
    'zeta',
  ])
  expect(body.data.groups[1].rules).toEqual([])
  expect(body.data.groups[2]).toMatchObject({
    name: 'zeta',
    file: '/etc/rules.yml',
    interval: 15,
    concurrency: 1,
    type: 'prometheus',
    id: groups[0]?.id,
    lastEvaluation: '2026-11-22T12:00:00.250Z',
    params: ['extra=x', 'extra=y', 'step=1m'],
    headers: ['Authorization: <secret>'],
    labels: { site: 'a' },
    eval_offset: 5,
  })
})

test('an alerting rule is told field by field as vmalert does', async () => {
  const { body } = await get('/api/v1/rules?rule_group[]=zeta&rule_name[]=DeviceDown')
  const [rule] = body.data.groups[0].rules
  const { alerts, ...rest } = rule

  expect(rest).toEqual({
    state: 'firing',
    name: 'DeviceDown',
    query: 'ping_up == 0',
    duration: 30,
    keep_firing_for: 60,
    labels: { site: 'a', team: 'noc', severity: 'critical' },
    annotations: { summary: '{{ $labels.device }} is down' },
    lastError: '',
    evaluationTime: 0.25,
    lastEvaluation: '2026-11-22T12:00:00.250Z',
    health: 'ok',
    type: 'alerting',
    datasourceType: 'prometheus',
    lastSamples: 1,
    lastSeriesFetched: 7,
    id: groups[0]?.rules[0]?.id,
    group_id: groups[0]?.id,
    group_name: 'zeta',
    file: '/etc/rules.yml',
    debug: false,
    max_updates_entries: 20,
  })
  const [alert] = alerts
  expect(alerts).toHaveLength(1)
  expect(alert).toEqual({
    state: 'firing',
    name: 'DeviceDown',
    value: '0.3',
    labels: { alertname: 'DeviceDown', alertgroup: 'zeta', device: 'r1' },
    annotations: { summary: 'r1 is down' },
    activeAt: '2026-11-22T11:59:00.250Z',
    id: expect.stringMatching(/^\d+$/),
    rule_id: rule.id,
    group_id: rule.group_id,
    expression: 'ping_up == 0',
    source: `https://monitor.example/vmalert/api/v1/alert?group_id=${rule.group_id}&alert_id=${alert.id}`,
    restored: false,
    stabilizing: true,
  })
})

test('a rule that is a function shows a name that people can read, and one that was never evaluated the year 1', async () => {
  const { body } = await get('/api/v1/rules?rule_group[]=availability')

  expect(body.data.groups[0].rules).toMatchObject([
    { name: 'MonitoringLate', query: 'monitoringLate()', state: 'inactive' },
    { name: 'HighLatency', query: 'highLatency()', lastEvaluation: '0001-01-01T00:00:00Z' },
  ])
})

describe('only what is asked for is told', () => {
  const all: [string, string[]][] = [
    ['availability', ['MonitoringLate', 'HighLatency']],
    ['empty', []],
    ['zeta', ['DeviceDown', 'Slow', 'ping:up']],
  ]
  test.each<[string, [string, string[]][]]>([
    ['', all],
    ['datasource_type=prometheus', all],
    ['no-such-parameter=1', all],
    ['datasource_type=graphite', []],
    [
      'type=record',
      [
        ['empty', []],
        ['zeta', ['ping:up']],
      ],
    ],
    ['type=alert&rule_group[]=zeta', [['zeta', ['DeviceDown', 'Slow']]]],
    [
      'rule_name[]=Slow&rule_name[]=ping:up&file[]=/etc/rules.yml',
      [
        ['empty', []],
        ['zeta', ['Slow', 'ping:up']],
      ],
    ],
    ['file[]=/elsewhere', []],
    ['rule_group[]=zeta&state=firing', [['zeta', ['DeviceDown']]]],
    ['rule_group[]=zeta&filter=Inactive,firing', [['zeta', ['DeviceDown', 'Slow']]]],
    ['rule_group[]=zeta&state=unhealthy', [['zeta', ['Slow']]]],
    ['rule_group[]=zeta&state=nomatch', [['zeta', ['ping:up']]]],
    ['rule_group[]=zeta&match[]={severity="critical"}', [['zeta', ['DeviceDown']]]],
    [
      'rule_group[]=zeta&match[]={team="noc"}&match[]={kind=~"s.m"}',
      [['zeta', ['DeviceDown', 'ping:up']]],
    ],
    [
      'search=SLOW',
      [
        ['empty', []],
        ['zeta', ['Slow']],
      ],
    ],
    [
      'search=availab',
      [
        ['availability', ['MonitoringLate', 'HighLatency']],
        ['empty', []],
      ],
    ],
  ])('%s', async (query, expected) => {
    expect(names(await get(`/api/v1/rules?${query}`))).toEqual(expected)
  })

  test('alerts are left out, and states are the extended ones, on request', async () => {
    const { body } = await get('/api/v1/rules?rule_group[]=zeta&exclude_alerts=1&extended_states=1')

    const [group] = body.data.groups
    expect(group.rules.map(({ state }: { state: string }) => state)).toEqual([
      'firing',
      'unhealthy',
      'nomatch',
    ])
    expect(group.rules.filter((rule: object) => 'alerts' in rule)).toEqual([])
    expect(group.states).toEqual({ firing: 1, unhealthy: 1, nomatch: 1 })
  })

  test('pages are of groups, and say how much there is in all', async () => {
    const { body } = await get('/api/v1/rules?group_limit=2&page_num=2')

    expect(body).toMatchObject({ page: 2, total_pages: 2, total_groups: 3, total_rules: 5 })
    expect(names({ status: 200, text: '', body })).toEqual([all[2]])
  })
})

test.each([
  ['/api/v1/rules?type=bogus', 400, 'bad_data', /type: expected one of alert, record, got "bogus"/],
  ['/api/v1/rules?state=firing,odd', 400, 'bad_data', /state: expected one of .*got "odd"/],
  ['/api/v1/rules?datasource_type=sql', 400, 'bad_data', /datasource_type/],
  ['/api/v1/rules?match[]={severity', 400, 'bad_data', /match\[\]/],
  ['/api/v1/rules?page_num=2', 400, 'bad_data', /group_limit/],
  ['/api/v1/rules?group_limit=0', 400, 'bad_data', /positive/],
  ['/api/v1/rules?group_limit=2&page_num=3', 400, 'bad_data', /at most 2/],
  ['/api/v1/group', 400, 'bad_data', /group_id/],
  ['/api/v1/group?group_id=7', 404, 'not_found', /no group 7/],
  ['/vmalert/api/v1/alert?group_id=abc&alert_id=1', 400, 'bad_data', /group_id.*abc/],
  ['/nowhere', 404, 'not_found', /nothing is at \/nowhere/],
])('%s is refused with %i and a reason', async (path, status, errorType, error) => {
  const answer = await get(path)

  expect(answer.status).toBe(status)
  expect(answer.body).toEqual({ status: 'error', errorType, error: expect.stringMatching(error) })
})

test('one group, one rule with its last evaluations, and one alert are found by their ids', async () => {
  const [group] = groups
  const [first, ...rest] = group?.rules ?? []
  if (group === undefined || first === undefined) throw new Error('expected a group')
  const update = {
    evaluatedAt: AT,
    at: AT - 250,
    seconds: 0.25,
    samples: 1,
    seriesFetched: 7,
    error: '',
  }
  groups = [{ ...group, rules: [{ ...first, updates: [update] }, ...rest] }]

  const found = await get(`/vmalert/api/v1/group?group_id=${group.id}`)
  const rule = await get(`/api/v1/rule?group_id=${group.id}&rule_id=${first.id}`)
  const [listed] = rule.body.alerts
  const alert = await get(`/vmalert/api/v1/alert?group_id=${group.id}&alert_id=${listed.id}`)

  expect(found.body).toMatchObject({ name: 'zeta', rules: { length: 3 } })
  expect(rule.body).toMatchObject({
    name: 'DeviceDown',
    updates: [
      {
        time: '2026-11-22T12:00:00.250Z',
        at: '2026-11-22T12:00:00.000Z',
        duration: 250_000_000,
        error: null,
        samples: 1,
        series_fetched: 7,
      },
    ],
  })
  expect(alert.body).toEqual(listed)
})

test('active alerts of all rules are listed, by group and file on request', async () => {
  const all = await get('/api/v1/alerts')
  const none = await get('/vmalert/api/v1/alerts?rule_group[]=availability')

  expect(all.body.data.alerts).toMatchObject([{ name: 'DeviceDown', state: 'firing' }])
  expect(none.body.data.alerts).toEqual([])
})

test('receivers are told by kind and name: an address may be a secret', async () => {
  expect((await get('/api/v1/notifiers')).body).toEqual({
    status: 'success',
    data: {
      notifiers: [
        {
          kind: 'webhook',
          targets: [
            { address: 'noc', labels: {}, lastError: '' },
            { address: 'log', labels: {}, lastError: '' },
          ],
        },
        { kind: 'email', targets: [{ address: 'night', labels: {}, lastError: 'refused' }] },
      ],
    },
  })
})

test.each(['/-/reload', '/vmalert/-/reload'])(
  '%s reloads, and answers what is wrong',
  async (path) => {
    expect(await get(path)).toMatchObject({ status: 200, text: '' })
    problems = [{ file: '/etc/rules.yml', line: 3, message: 'expected an expression' }]

    const refused = await get(path, 'POST')

    expect(refused).toMatchObject({
      status: 500,
      text: '/etc/rules.yml:3: expected an expression\n',
    })
  },
)

test('an image in a page of another site reloads nothing', async () => {
  const foreign = { 'sec-fetch-site': 'cross-site' }
  expect((await get('/-/reload', 'GET', foreign)).status).toBe(403)
  expect((await get('/-/reload', 'GET', { 'sec-fetch-site': 'none' })).status).toBe(200)
})

test("metrics and health, and Alertmanager's API at both of its places, are at the same port", async () => {
  expect((await get('/health')).text).toBe('well')
  expect((await get('/api/v2/receivers')).text).toBe('[]')
  expect((await get('/alertmanager/api/v2/receivers')).text).toBe('[]')
})

test('the canary is no alert that anybody is shown; its rule is one', async () => {
  const labels = { alertname: 'Canary', device: 'wardline-canary' }
  const canary = alertOf(builtIn, down, { labels, key: 'canary' })
  groups = [groupStatus(builtIn, { 0: { alerts: [canary], samples: 1 } })]

  expect((await get('/api/v1/alerts')).body.data.alerts).toEqual([])
  const [{ rules }] = (await get('/api/v1/rules')).body.data.groups
  expect(rules[0]).toMatchObject({ state: 'inactive', name: 'MonitoringLate' })
  expect(rules[0].alerts).toBeUndefined()
})
