import { dirname } from 'node:path'
import type { Problem } from '../../lib/config/problem.ts'
import { importAnew, mistakes } from '../rule-files/import-typescript.ts'
import { loadRuleFiles } from '../rule-files/load.ts'
import type { RuleGroup } from '../rule.ts'
import { type RuleTestDefinition, testOf } from './define.ts'
import type { FileTests, TestDefaults } from './read-yaml.ts'
import type { RuleTest } from './rule-test.ts'

/** The tests that a `.ts` (or `.js`) file exports by default. */
export async function importTestFile(file: string, defaults: TestDefaults): Promise<FileTests> {
  const imported = await importAnew(file)
  if ('problem' in imported) return { tests: [], problems: [imported.problem] }
  const { exported } = imported
  const given: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  if (exported === undefined || given.length === 0) {
    const message = 'expected a default export: what defineTest() gives, or a list of it'
    return { tests: [], problems: [{ file, message }] }
  }
  const tests: RuleTest[] = []
  const problems: Problem[] = []
  for (const [index, value] of given.entries()) {
    const read = await readOne(file, value, index, defaults)
    if (Array.isArray(read)) problems.push(...read)
    else tests.push(read as RuleTest)
  }
  return { tests, problems }
}

async function readOne(
  file: string,
  value: unknown,
  index: number,
  defaults: TestDefaults,
): Promise<RuleTest | Problem[]> {
  const messages = mistakesOf(value, index)
  if (messages.length > 0) return messages.map((message) => ({ file, message }))
  const definition = value as RuleTestDefinition
  const groups: RuleGroup[] = []
  for (const rules of definition.rules) {
    if (typeof rules !== 'string') {
      groups.push({ ...rules, file })
      continue
    }
    const loaded = await loadRuleFiles([rules], dirname(file))
    if (loaded.problems.length > 0) return [...loaded.problems]
    groups.push(...loaded.groups)
  }
  const place = { file, path: definition.name }
  try {
    return testOf(definition, groups, place, defaults)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return [{ ...place, message: error.message }]
  }
}

/** What isn't as the type says: JavaScript authors have no compiler that tells them. */
function mistakesOf(value: unknown, index: number): string[] {
  const where = `export ${index + 1}`
  const given = value as Partial<RuleTestDefinition> | null
  if (typeof given !== 'object' || given === null || typeof given.name !== 'string')
    return [`${where}: expected what defineTest() gives, with a name`]
  const { name, rules, series, alerts = [], queries = [] } = given
  if (!Array.isArray(rules)) return [`${name}: expected rules: a list of groups and of files`]
  if (typeof series !== 'object' || series === null)
    return [`${name}: expected series: values by series`]
  if (!Array.isArray(alerts) || !Array.isArray(queries))
    return [`${name}: expected lists of alerts and queries`]
  const cases: readonly unknown[] = [...alerts, ...queries]
  if (!cases.every(isCase))
    return [`${name}: expected cases with at, and with expected: a list of what there is then`]
  return (rules as readonly unknown[])
    .filter((rule) => typeof rule !== 'string')
    .flatMap(mistakes)
    .map((message) => `${name}: ${message}`)
}

function isCase(value: unknown): boolean {
  const { at, expected } = (value ?? {}) as { at?: unknown; expected?: unknown }
  return typeof at === 'string' && Array.isArray(expected)
}
