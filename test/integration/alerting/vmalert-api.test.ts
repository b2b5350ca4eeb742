import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../stores.ts'
import { waitFor } from '../../wait.ts'
import { startVmalert } from '../rule-files/vmalert.ts'
import { startEngine, startProxyingStore } from './vmalert-stand.ts'

const RULES = `
groups:
  - name: zeta
    interval: 1s
    labels: {team: noc}
    params: {step: ["1m"]}
    rules:
      - alert: Low
        expr: probe_value < 1
        labels: {severity: critical}
        annotations: {summary: "{{ $labels.device }} is {{ $value }}"}
      - alert: Waits
        expr: probe_value < 1
        for: 5m
      - alert: Never
        expr: probe_value > 100
      - record: probe:double
        expr: probe_value * 2
        labels: {a: b}
  - name: alpha
    interval: 1s
    rules: []
`

type Rule = Record<string, unknown> & { name: string; state: string; alerts?: Alert[] }
type Alert = Record<string, unknown> & { name: string; state: string }
type Group = Record<string, unknown> & { name: string; rules: Rule[] | null }

const owned = new AsyncDisposableStack()
let directory: string
let file: string
let ours: string
let store: Awaited<ReturnType<typeof startProxyingStore>>
let theirs: string
let engine: Awaited<ReturnType<typeof startEngine>>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'wardline-test-'))
  owned.defer(() => rm(directory, { recursive: true, force: true }))
  file = join(directory, 'rules.yml')
  await writeFile(file, RULES)
  const listen = `127.0.0.1:${await freePort()}`
  ours = `http://${listen}`
  store = owned.use(await startProxyingStore(ours))
  await store.vm.writeLines(`probe,device=r1 value=0.1 ${Date.now()}`)
  await store.vm.flush()
  const flags = [`-remoteWrite.url=${store.url}`]
  theirs = owned.use(await startVmalert(store.url, [file], flags)).url
  engine = owned.use(await startEngine(store.vm, ['*.yml'], directory, listen))
  for (const url of [ours, theirs])
    await waitFor(async () => (await rulesOf(url)).some(({ state }) => state === 'firing'), {
      what: `alerts at ${url}`,
    })
  await waitFor(async () => (await rulesOf(ours)).every(({ health }) => health === 'ok'))
})
afterAll(() => owned.disposeAsync())

async function read<T>(url: string): Promise<T> {
  const response = await fetch(url)
  expect(response.headers.get('content-type')).toContain('application/json')
  return (await response.json()) as T
}

async function groupsOf(url: string): Promise<Group[]> {
  const { data } = await read<{ data: { groups: Group[] } }>(`${url}/api/v1/rules`)
  return data.groups.filter((group) => group['file'] !== '')
}

const rulesOf = async (url: string): Promise<Rule[]> =>
  (await groupsOf(url)).flatMap(({ rules }) => rules ?? [])

/** Instants and durations are each one's own. Ids of groups are those of newer versions, which hash the interval too. */
const OWN = ['lastEvaluation', 'evaluationTime', 'activeAt', 'source', 'group_id']

/** `mine` cut down to the members that `yours` has, without those that can't be equal. */
function common(mine: unknown, yours: unknown): unknown {
  if (Array.isArray(mine) && Array.isArray(yours))
    return mine.map((one, index) => common(one, yours[index]))
  if (!isObject(mine) || !isObject(yours)) return mine
  return Object.fromEntries(
    Object.keys(yours)
      .filter((key) => !OWN.includes(key) && !(key === 'id' && 'concurrency' in yours))
      .map((key) => [key, common(mine[key], yours[key])]),
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Each member that `yours` has and `mine` lacks, as a path. */
function missing(mine: unknown, yours: unknown, path = ''): string[] {
  if (Array.isArray(mine) && Array.isArray(yours))
    return yours.flatMap((one, index) => missing(mine[index], one, `${path}[${index}]`))
  if (!isObject(yours)) return []
  if (!isObject(mine)) return [path]
  return Object.keys(yours).flatMap((key) =>
    key in mine ? missing(mine[key], yours[key], `${path}.${key}`) : [`${path}.${key}`],
  )
}

test('rules, alerts and groups are what vmalert tells of the same file, member by member', async () => {
  const [mine, yours] = await Promise.all([groupsOf(ours), groupsOf(theirs)])
  // An empty group's rules are null there, and a list that is empty here: what its clients ask for (issue 4221).
  const told = yours.map((group) => ({ ...group, rules: group.rules ?? [] }))

  expect(missing(mine, told)).toEqual([])
  expect(common(mine, told)).toEqual(common(told, told))
})

test('instants are RFC 3339, ids decimal texts, durations seconds', async () => {
  const [low] = await rulesOf(ours)
  const [alert] = low?.alerts ?? []

  for (const value of [low?.['lastEvaluation'], alert?.['activeAt']])
    expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
  for (const value of [low?.['id'], low?.['group_id'], alert?.['id'], alert?.['rule_id']])
    expect(value).toMatch(/^\d+$/)
  expect((await rulesOf(ours)).find(({ name }) => name === 'Waits')?.['duration']).toBe(300)
})

test('one alert is found by its ids, as vmalert finds it', async () => {
  const found = await Promise.all(
    [ours, theirs].map(async (url) => {
      const { data } = await read<{ data: { alerts: Alert[] } }>(`${url}/api/v1/alerts`)
      const alert = data.alerts.find(({ name }) => name === 'Low')
      const query = `group_id=${String(alert?.['group_id'])}&alert_id=${String(alert?.['id'])}`
      return read<Alert>(`${url}/api/v1/alert?${query}`)
    }),
  )

  expect(common(found[0], found[1])).toEqual(common(found[1], found[1]))
})

test('VictoriaMetrics with -vmalert.proxyURL shows all of it', async () => {
  const { data } = await read<{ data: { alerts: Alert[] } }>(`${store.url}/api/v1/alerts`)
  const [rule] = await rulesOf(ours)
  const ids = `group_id=${String(rule?.['group_id'])}&rule_id=${String(rule?.['id'])}`

  expect((await groupsOf(store.url)).map(({ name }) => name)).toEqual(['alpha', 'zeta'])
  expect(data.alerts.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
    'Low firing',
    'Waits pending',
  ])
  expect(await read<Rule>(`${store.url}/vmalert/api/v1/rule?${ids}`)).toMatchObject({
    name: 'Low',
    state: 'firing',
    updates: expect.arrayContaining([expect.objectContaining({ samples: 1 })]),
  })
  expect(await read<object>(`${store.url}/vmalert/api/v1/notifiers`)).toMatchObject({
    status: 'success',
  })
})

test('what Grafana reads is there, with the types that it expects', async () => {
  const groups = await groupsOf(store.url)

  for (const group of groups) {
    expect(group).toMatchObject({
      name: expect.any(String),
      file: expect.any(String),
      rules: expect.any(Array),
      interval: expect.any(Number),
      evaluationTime: expect.any(Number),
      lastEvaluation: expect.any(String),
    })
    for (const rule of group.rules ?? []) {
      expect(rule).toMatchObject({
        name: expect.any(String),
        query: expect.any(String),
        health: expect.stringMatching(/^(ok|err|unknown)$/),
        type: expect.stringMatching(/^(alerting|recording)$/),
        evaluationTime: expect.any(Number),
        lastEvaluation: expect.any(String),
        lastError: expect.any(String),
      })
      if (rule['type'] === 'recording') continue
      expect(rule.state).toMatch(/^(firing|pending|inactive)$/)
      expect(rule['duration']).toEqual(expect.any(Number))
      for (const alert of rule.alerts ?? [])
        expect(alert).toMatchObject({
          labels: expect.any(Object),
          annotations: expect.any(Object),
          state: expect.stringMatching(/^(firing|pending)$/),
          activeAt: expect.any(String),
          value: expect.any(String),
        })
    }
  }
})

test('a reload takes new rules without touching the others, and refuses bad ones as a whole', async () => {
  const before = await rulesOf(ours)
  const activeAt = before.find(({ name }) => name === 'Low')?.alerts?.[0]?.['activeAt']

  await writeFile(file, RULES.replace('probe_value > 100', 'no_such_function(probe_value)'))
  const unknown = await fetch(`${ours}/-/reload`)
  expect(unknown.status).toBe(500)
  expect(await unknown.text()).toMatch(/rules\.yml.*no_such_function/)

  await writeFile(file, RULES.replace('for: 5m', 'fro: 5m'))
  const refused = await fetch(`${ours}/-/reload`, { method: 'POST' })
  expect(refused.status).toBe(500)
  expect(await refused.text()).toMatch(/rules\.yml:\d+: .*/)
  expect((await rulesOf(ours)).map(({ name }) => name)).toEqual(before.map(({ name }) => name))
  expect(await engine.registry.metrics()).toContain('vmalert_config_last_reload_successful 0')

  const another = "rules: [{alert: Another, expr: 'probe_value < 0.5'}]"
  await writeFile(file, RULES.replace('rules: []', another))
  const taken = await fetch(`${store.url}/vmalert/-/reload`)
  expect(taken.status).toBe(200)
  const after = await waitFor(async () => {
    const rules = await rulesOf(ours)
    return rules[0]?.state === 'firing' && rules
  })
  expect(after.map(({ name }) => name)).toEqual(['Another', ...before.map(({ name }) => name)])
  expect(after.find(({ name }) => name === 'Low')?.alerts?.[0]?.['activeAt']).toBe(activeAt)
  expect(await engine.registry.metrics()).toContain('vmalert_config_last_reload_successful 1')
})

test('a file that changes, and SIGHUP, reload too', async () => {
  await writeFile(file, RULES.replace('alert: Never', 'alert: Ever'))
  await waitFor(async () => (await rulesOf(ours)).some(({ name }) => name === 'Ever'))

  const times = async (): Promise<string> =>
    /vmalert_config_last_reload_total (\d+)/.exec(await engine.registry.metrics())?.[1] ?? ''
  const before = Number(await times())
  process.kill(process.pid, 'SIGHUP')
  await waitFor(async () => Number(await times()) > before)
})
