import type { Finding } from '../../lib/config/explain.ts'
import { formatDuration } from '../../lib/duration.ts'
import { compileTemplate, tryTemplate } from '../template/template.ts'
import type { GroupConfig, RuleConfig } from './schema.ts'

/** What is wrong in a group whose values are all of the right kind, and what has no effect here. */
export async function checkGroup(
  group: GroupConfig,
  defaultIntervalMs: number,
): Promise<{ problems: readonly Finding[]; notices: readonly Finding[] }> {
  const problems = [...timing(group, group.interval ?? defaultIntervalMs)]
  const seen = new Map<string, number>()
  for (const [index, rule] of group.rules.entries()) {
    const found = [...contradictions(rule), ...(await templates(rule))]
    problems.push(
      ...found.map(({ path, message }) => ({ path: ['rules', index, ...path], message })),
    )
    const key = identity(rule)
    const other = seen.get(key)
    if (other !== undefined) {
      const message = `rule ${other + 1} of this group has the same name, expression and labels: keep one`
      problems.push({ path: ['rules', index], message })
    } else seen.set(key, index)
  }
  return { problems, notices: withoutEffect(group) }
}

function timing(
  { eval_offset, eval_delay, query_offset }: GroupConfig,
  intervalMs: number,
): Finding[] {
  const findings: Finding[] = []
  if (eval_delay !== undefined && query_offset !== undefined) {
    const message = 'query_offset and eval_delay are the same: keep one'
    findings.push({ path: ['query_offset'], message })
  }
  if (eval_offset === undefined) return findings
  if (eval_delay !== undefined || query_offset !== undefined) {
    const message =
      'a group has an offset or a delay, not both: with an offset it is evaluated at that very instant'
    findings.push({ path: ['eval_offset'], message })
  }
  if (Math.abs(eval_offset) > intervalMs) {
    const message = `expected at most the interval of the group, ${formatDuration(intervalMs)}`
    findings.push({ path: ['eval_offset'], message })
  }
  return findings
}

const OF_ALERTS = ['for', 'keep_firing_for', 'annotations'] as const

function contradictions(rule: RuleConfig): Finding[] {
  if ((rule.alert === undefined) === (rule.record === undefined)) {
    const got = rule.alert === undefined ? 'neither' : 'both'
    return [{ path: [], message: `expected either alert or record in a rule, got ${got}` }]
  }
  if (rule.alert !== undefined) return []
  return OF_ALERTS.filter((key) =>
    key === 'annotations' ? Object.keys(rule.annotations).length > 0 : rule[key] !== undefined,
  ).map((key) => ({ path: [key], message: `belongs to an alert: a rule with record has none` }))
}

/** Each template is parsed, and rendered once over nothing: what is wrong shows here, not when an alert fires. */
async function templates({ alert, labels, annotations }: RuleConfig): Promise<Finding[]> {
  if (alert === undefined) return []
  const findings: Finding[] = []
  for (const [key, texts] of Object.entries({ labels, annotations })) {
    for (const [name, source] of Object.entries(texts)) {
      try {
        await tryTemplate(compileTemplate(source, 0))
      } catch (error) {
        const message = `the template is wrong: ${(error as Error).message}`
        findings.push({ path: [key, name], message })
      }
    }
  }
  return findings
}

function withoutEffect(group: GroupConfig): Finding[] {
  const findings: Finding[] = []
  if (group.notifier_headers.length > 0)
    findings.push({
      path: ['notifier_headers'],
      message: 'has no effect: headers of messages are set at the receiver',
    })
  if (group.partial_response_strategy !== undefined)
    findings.push({
      path: ['partial_response_strategy'],
      message:
        'has no effect: what only a part of the data answers is told in the template ($isPartial)',
    })
  if (group.tenant !== undefined)
    findings.push({
      path: ['tenant'],
      message: 'has no effect: the tenant is a part of victoriametrics.url',
    })
  return findings
}

const identity = ({ alert, record, expr, labels }: RuleConfig): string => {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => [name, labels[name]])
  return JSON.stringify([alert ?? null, record ?? null, expr, pairs])
}
