import { expressionText, isAlertRule, ruleName } from '../rule.ts'
import type { Rule, RuleGroup, Text } from '../rule.ts'
import { type Imported, importHere } from './import-here.ts'
import { keepPlace } from './problem.ts'
import type { FileRules } from './read-yaml.ts'
import { rehearse } from './rehearse.ts'

/**
 * What a `.ts` (or `.js`) file exports by default. It runs in a thread of its own first, which can be ended: only a file
 * that comes to its end there is imported here.
 */
export async function importAnew(file: string): Promise<Imported> {
  const problem = await rehearse(file)
  return problem === null ? importHere(file) : { problem }
}

/** The groups that a `.ts` (or `.js`) rule file exports by default. */
export async function importRuleFile(file: string): Promise<FileRules> {
  const imported = await importAnew(file)
  if ('problem' in imported) return { groups: [], problems: [imported.problem], notices: [] }
  const { exported } = imported
  const given: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  if (exported === undefined || given.length === 0)
    return failed(file, 'expected a default export: a group, or a list of groups')
  const messages = given.flatMap(mistakes)
  if (messages.length > 0)
    return { groups: [], problems: messages.map((message) => ({ file, message })), notices: [] }
  const groups = (given as RuleGroup[]).map((group) => ({ ...group, file }))
  for (const group of groups) {
    for (const rule of group.rules)
      keepPlace(rule, { file, path: `group ${group.name}: ${ruleName(rule)}` })
  }
  return { groups, problems: duplicates(groups, file), notices: [] }
}

const failed = (file: string, message: string): FileRules => ({
  groups: [],
  problems: [{ file, message }],
  notices: [],
})

/** What isn't as `group()` gives it: JavaScript authors have no compiler that tells them. */
export function mistakes(value: unknown, index: number): string[] {
  const group = value as Partial<RuleGroup> | null
  if (typeof group !== 'object' || group === null || typeof group.name !== 'string')
    return [`expected what group() gives, got ${typeof value} (export ${index + 1})`]
  const where = `group ${group.name}`
  if (!Array.isArray(group.rules)) return [`${where}: expected a list of rules`]
  if (typeof group.intervalMs !== 'number' || !(group.intervalMs > 0))
    return [`${where}: expected an interval`]
  return (group.rules as readonly unknown[]).flatMap((rule, at) =>
    isRule(rule) ? [] : [`${where}: expected what alert() or record() gives at place ${at + 1}`],
  )
}

function isRule(value: unknown): value is Rule {
  if (typeof value !== 'object' || value === null) return false
  const { alert, record, expr, annotations } = value as Record<string, unknown>
  const hasExpression = typeof expr === 'function' || (typeof expr === 'string' && expr !== '')
  if (typeof alert === 'string') return hasExpression && typeof annotations === 'object'
  return typeof record === 'string' && hasExpression
}

function duplicates(
  groups: readonly RuleGroup[],
  file: string,
): { file: string; message: string }[] {
  const messages: string[] = []
  const names = new Set<string>()
  for (const { name, rules } of groups) {
    if (names.has(name)) messages.push(`there are two groups ${JSON.stringify(name)}`)
    names.add(name)
    const seen = new Set<string>()
    for (const rule of rules) {
      const key = identity(rule)
      if (seen.has(key))
        messages.push(
          `group ${name}: two rules ${ruleName(rule)} with the same expression and labels`,
        )
      seen.add(key)
    }
  }
  return messages.map((message) => ({ file, message }))
}

/** As a rule is identified: by name, expression and labels. */
function identity(rule: Rule): string {
  const labels = rule.labels ?? {}
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => [name, textIdentity(labels[name])])
  return JSON.stringify([isAlertRule(rule), ruleName(rule), expressionText(rule.expr), pairs])
}

const textIdentity = (text: string | Text | undefined): string =>
  typeof text === 'function' ? (text.source ?? String(text)) : (text ?? '')
