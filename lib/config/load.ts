import type { z } from 'zod'
import { contradictions, sharedListens } from './contradictions.ts'
import { type Environment, substitute } from './environment.ts'
import { type Finding, formatPath, show, validate } from './explain.ts'
import { ConfigError, type Problem } from './problem.ts'
import { type Config, configSchema, inventoryPartsSchema } from './schema.ts'
import { isHidden } from './secrets.ts'
import { readSecretFiles } from './secret-files.ts'
import { readText } from './text-file.ts'
import { parseYaml } from './yaml.ts'

export { ConfigError, type Problem, formatProblem } from './problem.ts'

export type InventoryParts = z.output<typeof inventoryPartsSchema>

type Source = {
  readonly file: string
  /** The line of a value, for problems that are found later. */
  line(path: readonly PropertyKey[]): number | undefined
}

export type LoadedConfig = Source & { readonly config: Config }

/** What a file amounts to, good or bad. */
export type ConfigReading = Source & {
  /** Null when there are problems. */
  readonly config: Config | null
  /** What says which devices there are; null when problems are in that. */
  readonly parts: InventoryParts | null
  readonly problems: readonly Problem[]
  /** What is allowed but worth a look. */
  readonly notices: readonly Problem[]
}

/** The checked configuration of a file; rejects with ConfigError, which holds every problem that was found. */
export async function loadConfig(path: string, environment?: Environment): Promise<Config> {
  return (await readConfig(path, environment)).config
}

/** As loadConfig, with the lines. */
export async function readConfig(file: string, environment?: Environment): Promise<LoadedConfig> {
  const { config, line, problems } = await examineConfig(file, environment)
  if (config === null) throw new ConfigError(problems)
  return { file, config, line }
}

/** As readConfig, for one who wants every problem: rejects with ConfigError only when the file can't be read. */
export async function examineConfig(
  file: string,
  environment: Environment = process.env,
): Promise<ConfigReading> {
  const source = parseYaml(file, await readConfigText(file))
  const { line } = source
  const nothing = { file, line, config: null, parts: null, notices: [] }
  if (source.problems.length > 0) return { ...nothing, problems: source.problems }
  const raw = source.value ?? {}
  if (typeof raw !== 'object' || Array.isArray(raw)) {
    const message = `expected a map of keys such as "inventory:", got ${show(raw)}`
    return { ...nothing, problems: [{ file, line: 1, message }] }
  }
  const filled = substitute(raw, environment)
  const whole = await readSecretFiles(filled.value, file)
  const checked = validate(configSchema, whole.value, { shown: raw, isHidden })
  const findings = [...filled.findings, ...whole.findings]
  if (!checked.ok) findings.push(...checked.findings.filter((found) => !isTold(found, findings)))
  else findings.push(...contradictions(checked.data))
  const located = (found: readonly Finding[]): Problem[] =>
    inOrder(found.map((finding) => locate(finding, file, line)))
  if (!checked.ok || findings.length > 0) {
    const parts = inventoryParts(whole.value, findings)
    return { ...nothing, parts, problems: located(findings) }
  }
  const notices = located(sharedListens(checked.data))
  return { file, line, config: checked.data, parts: checked.data, problems: [], notices }
}

/** The parts that the inventory is read by, where nothing is wrong in them. */
function inventoryParts(tree: unknown, findings: readonly Finding[]): InventoryParts | null {
  if (findings.some(({ path: [key] }) => PARTS.has(String(key)))) return null
  const parts = Object.entries(tree as object).filter(([key]) => key in inventoryPartsSchema.shape)
  const checked = validate(inventoryPartsSchema, Object.fromEntries(parts))
  return checked.ok ? checked.data : null
}

/** Of the credentials only the names are asked for: a community that isn't set hides no device's problem. */
const PARTS: ReadonlySet<string> = new Set(['inventory', 'defaults', 'profiles', 'snmp'])

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
