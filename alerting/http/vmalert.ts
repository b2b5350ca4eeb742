import { Hono } from 'hono'
import type { Context } from 'hono'
import { type Problem, formatProblem } from '../../lib/config/problem.ts'
import type { Logger } from '../../lib/log.ts'
import type { EngineView } from '../engine.ts'
import type { GroupStatus } from '../group/status.ts'
import { isGroupWanted, listRules } from './rules-list.ts'
import { readRulesQuery } from './rules-query.ts'
import { VmalertError, answerError } from './vmalert-error.ts'
import { type AlertJson, groupJson, ruleJson, updatesJson } from './vmalert-json.ts'

/** Where alerts are sent, without addresses: those of some receivers are secrets. */
export type NotifierTarget = {
  /** `webhook`, `email` … */
  readonly kind: string
  readonly name: string
  /** Of the last message; empty when it was handed over, or there was none. */
  readonly lastError: string
}

export type VmalertParts = {
  readonly engine: Pick<EngineView, 'groups'>
  readonly notifiers: () => readonly NotifierTarget[]
  /** Reads the rule files again; resolves with what is wrong in them: the rules before them are in force then. */
  readonly reload: () => Promise<readonly Problem[]>
  readonly externalUrl: string
  readonly log: Logger
}

/** vmalert's read API, as VictoriaMetrics (`-vmalert.proxyURL`) and Grafana ask for it, and its reload. */
export function vmalertApp(parts: VmalertParts): Hono {
  const { log } = parts
  const app = new Hono()
  app.onError((error, c) => answerError(error, c, log))
  const api = apiOf(parts)
  app.route('/api/v1', api)
  app.route('/vmalert/api/v1', api)
  // What VictoriaMetrics passes on for Grafana besides.
  app.get('/rules', (c) => c.json(rulesJson(c, parts)))
  app.get('/alerts', (c) => c.json(alertsJson(c, parts)))

  const reload = async (c: Context): Promise<Response> => {
    // An image of any page would do: a browser sends a GET to whomever.
    if (c.req.header('sec-fetch-site') === 'cross-site')
      return c.text('a page of another site may not reload the rules\n', 403)
    const problems = await parts.reload()
    if (problems.length === 0) return c.text('')
    return c.text(`${problems.map(formatProblem).join('\n')}\n`, 500)
  }
  for (const path of ['/-/reload', '/vmalert/-/reload']) app.on(['GET', 'POST'], path, reload)
  return app
}

function apiOf(parts: VmalertParts): Hono {
  const { engine, notifiers, externalUrl } = parts
  return new Hono()
    .get('/rules', (c) => c.json(rulesJson(c, parts)))
    .get('/alerts', (c) => c.json(alertsJson(c, parts)))
    .get('/notifiers', (c) =>
      c.json({ status: 'success', data: { notifiers: byKind(notifiers()) } }),
    )
    .get('/group', (c) => {
      const group = groupOf(c, engine)
      const rules = group.rules.map((status) => ruleJson(group, status, externalUrl))
      return c.json(groupJson(group, rules))
    })
    .get('/rule', (c) => {
      const group = groupOf(c, engine)
      const id = idOf(c, 'rule_id')
      const status = group.rules.find((rule) => rule.id === id)
      if (status !== undefined)
        return c.json({ ...ruleJson(group, status, externalUrl), ...updatesJson(status) })
      throw new VmalertError(404, `no rule ${id} in group ${JSON.stringify(group.group.name)}`)
    })
    .get('/alert', (c) => {
      const group = groupOf(c, engine)
      const id = idOf(c, 'alert_id')
      const alert = alertsOf(group, externalUrl).find((each) => each.id === id)
      if (alert !== undefined) return c.json(alert)
      throw new VmalertError(404, `no alert ${id} in group ${JSON.stringify(group.group.name)}`)
    })
}

function rulesJson(c: Context, { engine, externalUrl }: VmalertParts): object {
  const { groups, pages } = listRules(engine.groups(), readRulesQuery(c.req.url), externalUrl)
  return { status: 'success', ...pages, data: { groups } }
}

function alertsJson(c: Context, { engine, externalUrl }: VmalertParts): object {
  const query = readRulesQuery(c.req.url)
  const alerts = engine
    .groups()
    .filter((group) => isGroupWanted(group, query))
    .flatMap((group) => alertsOf(group, externalUrl))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
  return { status: 'success', data: { alerts } }
}

const alertsOf = (group: GroupStatus, externalUrl: string): readonly AlertJson[] =>
  group.rules.flatMap((status) => ruleJson(group, status, externalUrl).alerts ?? [])

function groupOf(c: Context, engine: VmalertParts['engine']): GroupStatus {
  const id = idOf(c, 'group_id')
  const group = engine.groups().find((each) => each.id === id)
  if (group !== undefined) return group
  throw new VmalertError(404, `no group ${id}`)
}

/** Ids are 64 bit, which JavaScript's numbers aren't: they stay texts. */
function idOf(c: Context, name: string): string {
  const text = c.req.query(name) ?? ''
  if (/^\d{1,20}$/.test(text)) return text.replace(/^0+(?=\d)/, '')
  throw new VmalertError(400, `${name}: expected a number, got ${JSON.stringify(text)}`)
}

function byKind(targets: readonly NotifierTarget[]): object[] {
  return [...Map.groupBy(targets, ({ kind }) => kind)].map(([kind, ofKind]) => ({
    kind,
    targets: ofKind.map(({ name, lastError }) => ({ address: name, labels: {}, lastError })),
  }))
}
