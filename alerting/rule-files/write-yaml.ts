import { stringify } from 'yaml'
import { formatDuration } from '../../lib/duration.ts'
import {
  type AlertRule,
  type Rule,
  type RuleGroup,
  type Text,
  isAlertRule,
  ruleName,
} from '../rule.ts'
import { escapeTemplate, templateOf } from './template-of.ts'

/** Something that YAML can't say. */
export type LeftOut = {
  readonly group: string
  readonly rule: string
  /** An annotation or label of the rule, where only that is left out. */
  readonly part?: string
  readonly reason: string
}

/** Groups as a rule file of vmalert; empty where nothing is left of them. */
export function writeRuleYaml(groups: readonly RuleGroup[]): {
  readonly text: string
  readonly leftOut: readonly LeftOut[]
} {
  const leftOut: LeftOut[] = []
  const written = groups.map((group) => writeGroup(group, leftOut))
  const filled = written.filter(({ rules }) => rules.length > 0)
  const text = filled.length === 0 ? '' : stringify({ groups: filled }, { lineWidth: 0 })
  return { text, leftOut }
}

type Written = Readonly<Record<string, unknown>>

function writeGroup(
  group: RuleGroup,
  leftOut: LeftOut[],
): Written & { readonly rules: readonly Written[] } {
  const { evalOffsetMs, evalDelayMs, headers } = group
  return {
    name: group.name,
    interval: formatDuration(group.intervalMs),
    ...given({
      eval_offset: evalOffsetMs === undefined ? undefined : signed(evalOffsetMs),
      eval_delay: evalDelayMs === undefined ? undefined : formatDuration(evalDelayMs),
      eval_alignment: group.evalAlignment === false ? false : undefined,
      limit: group.limit,
      concurrency: group.concurrency,
      labels: group.labels,
      params: group.params,
      headers: headers && Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    }),
    rules: group.rules.flatMap((rule) => {
      if (typeof rule.expr !== 'string') {
        const reason = 'its expression is a function'
        leftOut.push({ group: group.name, rule: ruleName(rule), reason })
        return []
      }
      return [writeRule(rule, group, leftOut)]
    }),
  }
}

function writeRule(rule: Rule, group: RuleGroup, leftOut: LeftOut[]): Written {
  // vmalert has these at rules alone.
  const common = given({
    debug: rule.debug ?? group.debug,
    update_entries_limit: rule.updateEntriesLimit ?? group.updateEntriesLimit,
  })
  if (!isAlertRule(rule)) {
    return { record: rule.record, expr: rule.expr, ...given({ labels: rule.labels }), ...common }
  }
  const keepFiringMs = rule.keepFiringForMs ?? group.keepFiringForMs
  const tell = (part: string, reason: string): void =>
    void leftOut.push({ group: group.name, rule: rule.alert, part, reason })
  return {
    alert: rule.alert,
    expr: rule.expr,
    ...given({
      for: rule.forMs === undefined ? undefined : formatDuration(rule.forMs),
      keep_firing_for: keepFiringMs === undefined ? undefined : formatDuration(keepFiringMs),
    }),
    ...common,
    ...given({ labels: filled(texts(labelsOf(rule), 'label', tell)) }),
    ...given({ annotations: filled(texts(rule.annotations, 'annotation', tell)) }),
  }
}

const labelsOf = ({ labels, severity }: AlertRule): Readonly<Record<string, string | Text>> => ({
  ...labels,
  ...(severity && { severity }),
})

function texts(
  all: Readonly<Record<string, string | Text>>,
  kind: string,
  tell: (part: string, reason: string) => void,
): Record<string, string> {
  const written: Record<string, string> = {}
  for (const [name, text] of Object.entries(all)) {
    const found = typeof text === 'string' ? { template: escapeTemplate(text) } : templateOf(text)
    if ('template' in found) written[name] = found.template
    else tell(`${kind} ${name}`, found.reason)
  }
  return written
}

const signed = (ms: number): string => (ms < 0 ? `-${formatDuration(-ms)}` : formatDuration(ms))

const filled = <T extends object>(map: T): T | undefined =>
  Object.keys(map).length === 0 ? undefined : map

const given = (members: Written): Written =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
