import { type Environment, substitute } from './environment.ts'
import { type Finding, formatPath, show, validate } from './explain.ts'
import { ConfigError, type Problem } from './problem.ts'
import { type Config, configSchema, isHidden } from './schema.ts'
import { readSecretFiles } from './secret-files.ts'
import { readText } from './text-file.ts'
import { parseYaml } from './yaml.ts'

export { ConfigError, type Problem, formatProblem } from './problem.ts'

export type LoadedConfig = {
  readonly file: string
  readonly config: Config
  /** The line of a value, for problems that are found later. */
  line(path: readonly PropertyKey[]): number | undefined
}

/** The checked configuration of a file; rejects with ConfigError, which holds every problem that was found. */
export async function loadConfig(path: string, environment?: Environment): Promise<Config> {
  return (await readConfig(path, environment)).config
}

/** As loadConfig, with the lines. */
export async function readConfig(
  file: string,
  environment: Environment = process.env,
): Promise<LoadedConfig> {
  const source = parseYaml(file, await readConfigText(file))
  if (source.problems.length > 0) throw new ConfigError(source.problems)
  const { line } = source
  const raw = source.value ?? {}
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    const message = `expected a map of keys such as "inventory:", got ${show(raw)}`
    throw new ConfigError([{ file, line: 1, message }])
  }
  const filled = substitute(raw, environment)
  const whole = await readSecretFiles(filled.value, file)
  const checked = validate(configSchema, whole.value, { shown: raw, isHidden })
  const findings = [...filled.findings, ...whole.findings]
  if (!checked.ok) findings.push(...checked.findings.filter((found) => !isTold(found, findings)))
  else findings.push(...contradictions(checked.data))
  if (!checked.ok || findings.length > 0) {
    throw new ConfigError(inOrder(findings.map((found) => locate(found, file, line))))
  }
  return { file, config: checked.data, line }
}

async function readConfigText(file: string): Promise<string> {
  try {
    return await readText(file)
  } catch (error) {
    const cause = (error as Error).cause as NodeJS.ErrnoException | undefined
    if (cause?.code !== 'ENOENT') throw error
    const message =
      'no such file: give the path of yours, or start one from examples/wardline.yaml (three lines are enough)'
    throw new ConfigError([{ file, message }], { reason: 'missing', cause: error })
  }
}

/** A value that holds an unknown variable is wrong in other ways too; the variable is what to mend. */
const isTold = (found: Finding, told: readonly Finding[]): boolean =>
  told.some(({ path }) => formatPath(path) === formatPath(found.path))

function locate(found: Finding, file: string, line: LoadedConfig['line']): Problem {
  return {
    file,
    line: line(found.path),
    path: formatPath(found.path),
    message: found.message,
  }
}

const inOrder = (problems: readonly Problem[]): Problem[] =>
  problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))

/** What each value allows alone but not together. */
function contradictions(config: Config): Finding[] {
  const findings: Finding[] = []
  const names = new Map<string, number>()
  for (const [index, { name }] of config.receivers.entries()) {
    const first = names.get(name)
    if (first === undefined) names.set(name, index)
    else
      findings.push({
        path: ['receivers', index, 'name'],
        message: `${show(name)} is the name of receivers[${first}] already`,
      })
  }
  return findings
}
