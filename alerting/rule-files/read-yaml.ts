import type { Environment } from '../../lib/config/environment.ts'
import { type Finding, formatPath, validate } from '../../lib/config/explain.ts'
import type { Problem } from '../../lib/config/problem.ts'
import { parseYamlDocuments } from '../../lib/config/yaml.ts'
import type { RuleGroup } from '../rule.ts'
import { checkGroup } from './check-group.ts'
import { keepPlace } from './problem.ts'
import { type GroupConfig, ruleFileSchema } from './schema.ts'
import { toGroup } from './to-group.ts'

export type FileRules = {
  readonly groups: readonly RuleGroup[]
  readonly problems: readonly Problem[]
  readonly notices: readonly Problem[]
  /** Its name, if nothing stands in it. */
  readonly empty?: string
}

/** The groups of a rule file of vmalert or Prometheus. `file` is its name in messages and in the groups. */
export async function readRuleYaml(
  file: string,
  text: string,
  { environment, intervalMs }: { environment: Environment; intervalMs: number },
): Promise<FileRules> {
  const filled = fillIn(file, text, environment)
  const problems: Problem[] = [...filled.problems]
  const notices: Problem[] = []
  const groups: RuleGroup[] = []
  const names = new Set<string>()
  for (const source of parseYamlDocuments(file, filled.text)) {
    const locate = ({ path, message }: Finding): Problem => ({
      file,
      line: source.line(path),
      path: formatPath(path),
      message,
    })
    problems.push(...source.problems)
    if (source.problems.length > 0) continue
    const checked = validate(ruleFileSchema, source.value ?? {}, { isHidden })
    if (!checked.ok) {
      problems.push(...checked.findings.map(locate))
      continue
    }
    for (const [index, config] of checked.data.groups.entries()) {
      const base = ['groups', index]
      const found = await checkGroup(config, intervalMs)
      problems.push(...within(base, found.problems).map(locate))
      notices.push(...within(base, found.notices).map(locate))
      if (names.has(config.name)) {
        const message = `there is a group ${JSON.stringify(config.name)} in this file already: give it another name`
        problems.push(locate({ path: [...base, 'name'], message }))
      }
      names.add(config.name)
      if (found.problems.length > 0) continue
      const group = toGroup(config, file, intervalMs)
      groups.push(group)
      keepPlaces(group, config, (path) => locate({ path: [...base, ...path], message: '' }))
    }
  }
  const isEmpty = text.trim() === ''
  return { groups, problems, notices, ...(isEmpty ? { empty: file } : {}) }
}

function keepPlaces(
  group: RuleGroup,
  { rules }: GroupConfig,
  place: (path: readonly PropertyKey[]) => Problem,
): void {
  for (const [index, rule] of group.rules.entries()) {
    if (rules[index] !== undefined) keepPlace(rule, place(['rules', index, 'expr']))
  }
}

const within = (base: readonly PropertyKey[], findings: readonly Finding[]): Finding[] =>
  findings.map(({ path, message }) => ({ path: [...base, ...path], message }))

/** Headers and parameters may hold what an environment variable hid. */
const isHidden = (path: string): boolean =>
  /^groups\.\d+\.(headers|notifier_headers|params)/.test(path)

/** The text with `%{NAME}` replaced by the environment, as vmalert does before it parses. */
function fillIn(
  file: string,
  text: string,
  environment: Environment,
): { text: string; problems: readonly Problem[] } {
  const problems: Problem[] = []
  const filled = text.replace(/%\{([^}\n]*)\}/g, (whole, name: string, at: number) => {
    const value = environment[name.trim()]
    if (value !== undefined) return value
    const line = text.slice(0, at).split('\n').length
    const message = `the environment variable ${name.trim()} is not set: set it before wardline starts`
    problems.push({ file, line, message })
    return whole
  })
  return { text: filled, problems }
}
