import type { Rule, RuleGroup, Text } from '../rule.ts'
import { compileTemplate } from '../template/template.ts'
import type { GroupConfig, RuleConfig } from './schema.ts'

/** A checked group as the engine takes it. */
export function toGroup(config: GroupConfig, file: string, defaultIntervalMs: number): RuleGroup {
  const intervalMs = config.interval ?? defaultIntervalMs
  const delay = config.eval_delay ?? config.query_offset
  return {
    name: config.name,
    file,
    intervalMs,
    ...given({
      evalOffsetMs: config.eval_offset,
      evalDelayMs: delay,
      evalAlignment: config.eval_alignment ?? true,
      limit: config.limit,
      concurrency: config.concurrency,
      labels: filled(config.labels),
      params: filled(config.params),
      headers: filled(Object.fromEntries(config.headers.map(headerOf))),
      keepFiringForMs: config.keep_firing_for,
      debug: config.debug,
      updateEntriesLimit: config.update_entries_limit,
    }),
    rules: config.rules.map((rule) => toRule(rule, intervalMs)),
  }
}

function toRule(config: RuleConfig, intervalMs: number): Rule {
  const { alert, record, expr } = config
  const common = given({ debug: config.debug, updateEntriesLimit: config.update_entries_limit })
  if (alert === undefined) {
    return { record: record ?? '', expr, ...given({ labels: filled(config.labels) }), ...common }
  }
  return {
    alert,
    expr,
    ...given({
      forMs: config.for,
      keepFiringForMs: config.keep_firing_for,
      labels: filled(
        mapValues(config.labels, (text) => (text.includes('{{') ? textOf(text, intervalMs) : text)),
      ),
    }),
    ...common,
    annotations: mapValues(config.annotations, (text) => textOf(text, intervalMs)),
  }
}

/** A template as the text of a rule; `source` is what it was made of. */
export function textOf(source: string, intervalMs: number): Text {
  const template = compileTemplate(source, intervalMs)
  const render: Text = (context) => template.render(context)
  return Object.assign(render, { source })
}

function headerOf(header: string): [string, string] {
  const colon = header.indexOf(':')
  return [header.slice(0, colon).trim(), header.slice(colon + 1).trim()]
}

const filled = <T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> | undefined =>
  Object.keys(map).length === 0 ? undefined : map

function mapValues<T, U>(
  map: Readonly<Record<string, T>>,
  change: (value: T) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]))
}

type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> }

/** Without the members that were left out. */
function given<T extends object>(members: T): Given<T> {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Given<T>
}
