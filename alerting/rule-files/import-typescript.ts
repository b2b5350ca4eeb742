import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { Problem } from '../../lib/config/problem.ts'
import { expressionText, isAlertRule, ruleName } from '../rule.ts'
import type { Rule, RuleGroup, Text } from '../rule.ts'
import { keepPlace } from './problem.ts'
import type { FileRules } from './read-yaml.ts'

/** What a file exports by default, or why it can't be read. */
export type Imported = { readonly exported: unknown } | { readonly problem: Problem }

/**
 * Imports a `.ts` (or `.js`) file: its imports of `wardline/rules` are wardline's own, wherever the file lies; it and
 * what it imports beside it are read anew each time.
 */
export async function importAnew(file: string): Promise<Imported> {
  hookImports()
  generation++
  try {
    const url = `${pathToFileURL(file).href}?${GENERATION}=${generation}`
    return { exported: ((await import(/* @vite-ignore */ url)) as { default?: unknown }).default }
  } catch (error) {
    return { problem: { file, line: lineOf(error, file), message: explain(error) } }
  }
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

const GENERATION = 'wardline-rules'
let generation = 0
let isHooked = false

/** Node keeps modules by their URL: those of rule files get another one at each reading. */
function hookImports(): void {
  if (isHooked) return
  isHooked = true
  const own = new URL('../define.ts', import.meta.url).href
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'wardline/rules')
        return { url: own, shortCircuit: true, format: 'module-typescript' }
      const resolved = next(specifier, context)
      const mark = new RegExp(`\\?${GENERATION}=\\d+$`).exec(context.parentURL ?? '')?.[0]
      const isBeside = /^\.{0,2}\//.test(specifier) && resolved.url.startsWith('file:')
      if (mark === undefined || !isBeside || resolved.url.includes('?')) return resolved
      return { ...resolved, url: resolved.url + mark }
    },
  })
}

function explain(error: unknown): string {
  if (!(error instanceof Error)) return `it threw ${String(error)}`
  const [first = ''] = error.message.trim().split('\n')
  return error.name === 'SyntaxError' ? `not valid TypeScript: ${first}` : `${error.name}: ${first}`
}

/** The line of the file in a stack, or in the head of a syntax error. */
function lineOf(error: unknown, file: string): number | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const names = [pathToFileURL(file).href, file].map((name) =>
    name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  )
  const found = new RegExp(`(?:${names.join('|')})(?:\\?${GENERATION}=\\d+)?:(\\d+)`).exec(stack)
  return found === null ? undefined : Number(found[1])
}

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
